using Xunit;

namespace OrleansConcert.Postgres;

/// <summary>A test on PostgreSQL; skipped where there is none, and says so. In the gate it fails there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = ThrowawayPostgres.WhyNot;
}

/// <summary>As <see cref="PostgresFactAttribute"/>, for each row of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute() => Skip = ThrowawayPostgres.WhyNot;
}
