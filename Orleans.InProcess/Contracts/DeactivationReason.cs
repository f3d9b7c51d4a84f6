namespace Orleans;

/// <summary>Why an activation ends.</summary>
/// <param name="code">The kind of reason.</param>
/// <param name="exception">What went wrong, if anything.</param>
/// <param name="text">The reason for a reader.</param>
public readonly struct DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
{
    /// <summary>A reason with no failure behind it.</summary>
    public DeactivationReason(DeactivationReasonCode code, string text)
        : this(code, null, text)
    {
    }

    /// <summary>The kind of reason.</summary>
    public DeactivationReasonCode ReasonCode { get; } = code;

    /// <summary>The reason for a reader.</summary>
    public string Description { get; } = text;

    /// <summary>What went wrong, if anything.</summary>
    public Exception? Exception { get; } = exception;

    /// <inheritdoc/>
    public override string ToString() => Exception is null ? $"{ReasonCode}: {Description}" : $"{ReasonCode}: {Description}. {Exception}";
}

/// <summary>The kinds of reasons for which an activation ends here; the numbers are those of Orleans.</summary>
[GenerateSerializer]
#pragma warning disable CA1028 // The underlying type is part of the model that this engine follows.
public enum DeactivationReasonCode : byte
#pragma warning restore CA1028
{
    /// <summary>No reason.</summary>
    None = 0,

    /// <summary>The process stops.</summary>
    ShuttingDown = 1,

    /// <summary>The grain could not be made or its activation failed.</summary>
    ActivationFailed = 2,

    /// <summary>Nobody called for a while.</summary>
    ActivationIdle = 4,

    /// <summary>An error of the application.</summary>
    ApplicationError = 8,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested = 9,

    /// <summary>The engine asked for it.</summary>
    RuntimeRequested = 11,
}
