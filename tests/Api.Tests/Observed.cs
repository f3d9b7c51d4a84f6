using System.Collections.Concurrent;
using System.Reflection;
using Xunit.Sdk;

// What a test claims to have reached is checked against what was answered while it ran.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace OrleansConcert.Api.Tests;

/// <summary>What was answered since the test began.</summary>
internal static class Observed
{
    private static readonly ConcurrentDictionary<string, bool> Seen = [];

    public static void Code(string code) => Seen[code] = true;

    public static void Success(string call) => Seen[call] = true;

    public static void Forget() => Seen.Clear();

    public static bool Has(string what) => Seen.ContainsKey(what);
}

/// <summary>The test gets these problem codes; it fails where it does not.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ReachesAttribute(params string[] codes) : ClaimAttribute(codes);

/// <summary>The test gets a success of these calls (method and route); it fails where it does not.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class SucceedsAttribute(params string[] calls) : ClaimAttribute(calls);

/// <summary>Something a test says of itself, and is held to.</summary>
public abstract class ClaimAttribute(string[] claims) : BeforeAfterTestAttribute
{
    public IReadOnlyList<string> Claims { get; } = claims;

    public override void Before(MethodInfo methodUnderTest) => Observed.Forget();

    public override void After(MethodInfo methodUnderTest) =>
        Assert.All(Claims, claim => Assert.True(Observed.Has(claim), $"{methodUnderTest.Name} never got {claim}."));
}
