using System.Reflection;
using Route = OrleansConcert.Api.Http.Route;

namespace OrleansConcert.Api.Tests;

[Collection(SharedServer.Name)]
public sealed class CoverageTests(Server server)
{
    [Fact]
    public void Every_problem_code_is_reached_by_a_test() =>
        Assert.Equal(ProblemCode.All.Select(code => code.Code).Order(), Claimed<ReachesAttribute>());

    [Fact]
    public void Every_call_has_a_test_of_its_success() => Assert.Equal(
        server.Calls.Where(call => call.Method != "HEAD").Select(call => $"{call.Method} {call.Path}").Order(),
        Claimed<SucceedsAttribute>());

    [Fact]
    public void Every_endpoint_names_its_gate()
    {
        Assert.NotEmpty(server.Endpoints);
        Assert.All(server.Endpoints, endpoint => Assert.NotNull(endpoint.Metadata.GetMetadata<Route>()));
    }

    [Fact]
    public void No_problem_code_is_there_twice() =>
        Assert.Equal(ProblemCode.All.Length, ProblemCode.All.Select(code => code.Code).Distinct().Count());

    private static IEnumerable<string> Claimed<T>()
        where T : ClaimAttribute => typeof(CoverageTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public))
            .SelectMany(method => method.GetCustomAttributes<T>())
            .SelectMany(claim => claim.Claims)
            .Distinct()
            .Order();
}
