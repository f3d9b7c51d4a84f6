namespace OrleansConcert.Domain;

/// <summary>The bound shared by every lifetime in a policy.</summary>
public static class Durations
{
    public const string SecondToDay = "PT1S to P1D";

    public static bool IsSecondToDay(TimeSpan span) => span >= TimeSpan.FromSeconds(1) && span <= TimeSpan.FromDays(1);
}
