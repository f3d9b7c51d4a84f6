namespace OrleansConcert.Grains.Abstractions;

/// <summary>Recomputes everything from the journal and says what does not hold. One pass at a time.</summary>
[Alias("OrleansConcert.IAuditGrain")]
public interface IAuditGrain : IGrainWithStringKey
{
    [Alias("Invariants"), ResponseTimeout("00:10:00")]
    Task<AuditView> Invariants();
}
