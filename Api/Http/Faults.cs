using OrleansConcert.Api.Problems;

namespace OrleansConcert.Api.Http;

/// <summary>What is wrong with a request's arguments: gathered while they are read, told at once.</summary>
internal sealed class Faults
{
    private List<(string Name, string Allowed)>? _errors;
    private Problem? _first;

    /// <summary>The problem to answer with, or null where nothing is wrong.</summary>
    public Problem? Problem => _first ?? (_errors is null ? null : Problems.Problem.OfArguments(_errors));

    /// <summary>Missing, unknown or out of bounds; several are told together.</summary>
    public void Add(string name, string allowed) => (_errors ??= []).Add((name, allowed));

    /// <summary>The request itself is not well formed; the first such fault is told, before all arguments.</summary>
    public void Malformed(string detail) => Fail(new(ProblemCode.MalformedRequest, detail), overArguments: true);

    /// <summary>An argument whose fault has a code of its own.</summary>
    public void Fail(Problem problem, bool overArguments = false)
    {
        if (_first is null || (overArguments && _first.Code != ProblemCode.MalformedRequest))
        {
            _first = problem;
        }
    }
}
