using OrleansConcert.Api.Access;

namespace OrleansConcert.Api.Http;

/// <summary>Some calls of one kind, such as those about payments.</summary>
internal interface IResource
{
    /// <summary>Names the calls: method, path, gate, what is read from the request, what answers it.</summary>
    void Map(Routes routes);
}

/// <summary>One call: its gate, and what happens behind it.</summary>
/// <param name="Answer">Reads the arguments, then answers; null where the arguments are at fault.</param>
internal sealed record Route(Gate Gate, Func<Call, Body, Faults, Task<Reply>?> Answer)
{
    /// <summary>Whether it may take longer than calls usually do.</summary>
    public bool IsSlow { get; init; }

    /// <summary>Whether it is answered whatever the load and whatever the client accepts.</summary>
    public bool IsProbe { get; init; }
}

/// <summary>Maps calls. There is no way to map one without a gate.</summary>
internal sealed class Routes(IEndpointRouteBuilder endpoints, Edge edge)
{
    private static readonly string[] Reads = ["GET", "HEAD"];

    public void Get(string path, Gate gate, Func<Call, Task<Reply>> answer) =>
        Map(Reads, path, new(gate, (call, _, _) => answer(call)));

    public void Get<T>(string path, Gate gate, Func<Query, T> read, Func<Call, T, Task<Reply>> answer) =>
        Map(Reads, path, new(gate, (call, _, faults) => After(read(call.Query), faults, call, answer)));

    /// <summary>A call that must be answered when nothing else is.</summary>
    public void Probe(string path, Func<Reply> answer) =>
        Map(Reads, path, new(Gate.Open, (_, _, _) => Task.FromResult(answer())) { IsProbe = true });

    /// <summary>A call that may take minutes.</summary>
    public void Slow(string path, Gate gate, Func<Call, Task<Reply>> answer) =>
        Map(Reads, path, new(gate, (call, _, _) => answer(call)) { IsSlow = true });

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
