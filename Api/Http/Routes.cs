using OrleansConcert.Api.Access;

namespace OrleansConcert.Api.Http;

/// <summary>Maps calls. There is no way to map one without a gate.</summary>
internal sealed class Routes(IEndpointRouteBuilder endpoints, Edge edge)
{
    private static readonly string[] Reads = ["GET", "HEAD"];

    public void Get(string path, Gate gate, Func<Call, Task<Reply>> answer) =>
        Map(Reads, path, new(gate, (call, _, _) => answer(call)) { IsRead = true });

    public void Get<T>(string path, Gate gate, Func<Query, T> read, Func<Call, T, Task<Reply>> answer) =>
        Map(Reads, path, new(gate, (call, _, faults) => After(read(call.Query), faults, call, answer)) { IsRead = true });

    /// <summary>A call that goes on answering.</summary>
    public void Stream(string path, Gate gate, Func<Call, Task<Reply>> answer) =>
        Map(Reads, path, new(gate, (call, _, _) => answer(call)) { IsRead = true, IsStream = true });

    public void Stream<T>(string path, Gate gate, Func<Query, T> read, Func<Call, T, Task<Reply>> answer) => Map(
        Reads, path, new(gate, (call, _, faults) => After(read(call.Query), faults, call, answer)) { IsRead = true, IsStream = true });

    /// <summary>A call that must be answered when nothing else is.</summary>
    public void Probe(string path, Func<Reply> answer) =>
        Map(Reads, path, new(Gate.Open, (_, _, _) => Task.FromResult(answer())) { IsProbe = true });

    /// <summary>A call that reads much of the journal: it may take minutes.</summary>
    public void Slow(string path, Gate gate, Func<Call, Task<Reply>> answer) =>
        Map(Reads, path, new(gate, (call, _, _) => answer(call)) { IsRead = true, IsSlow = true });

    public void Delete(string path, Gate gate, Func<Call, Task<Reply>> answer) =>
        Map(["DELETE"], path, new(gate, (call, _, _) => answer(call)));

    /// <summary>A call that takes no arguments but its path; a body, if any, must be an empty object.</summary>
    public void Post(string path, Gate gate, Func<Call, Task<Reply>> answer) =>
        Map(["POST"], path, new(gate, (call, body, faults) =>
            After(body.Fields(optional: true, faults).Only(), faults, call, (same, _) => answer(same))));

    public void Post<T>(string path, Gate gate, Func<Fields, T> read, Func<Call, T, Task<Reply>> answer, bool optional = false) =>
        Map(["POST"], path, WithBody(gate, read, answer, optional));

    public void Put<T>(string path, Gate gate, Func<Fields, T> read, Func<Call, T, Task<Reply>> answer) =>
        Map(["PUT"], path, WithBody(gate, read, answer, optional: true));

    private static Route WithBody<T>(Gate gate, Func<Fields, T> read, Func<Call, T, Task<Reply>> answer, bool optional) =>
        new(gate, (call, body, faults) => After(read(body.Fields(optional, faults)), faults, call, answer));

    private static Task<Reply>? After<T>(T arguments, Faults faults, Call call, Func<Call, T, Task<Reply>> answer) =>
        faults.Problem is null ? answer(call, arguments) : null;

    private void Map(string[] methods, string path, Route route) =>
        endpoints.MapMethods(path, methods, http => edge.Answer(http, route)).WithMetadata(route);
}
