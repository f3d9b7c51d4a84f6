using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>
/// A write met another version in storage than it expected. Where it escapes a grain's call, that activation ends, so that
/// the next one reads what is there.
/// </summary>
[GenerateSerializer]
public class InconsistentStateException : OrleansException
{
    /// <summary>Without detail.</summary>
    public InconsistentStateException()
    {
    }

    /// <summary>With a message.</summary>
    public InconsistentStateException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public InconsistentStateException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>With both versions.</summary>
    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
        : this(errorMsg, storedEtag, currentEtag, null)
    {
    }

    /// <summary>With both versions and a cause.</summary>
    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag, Exception? storageException)
        : base(errorMsg, storageException)
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    /// <summary>The version in storage, where known.</summary>
    [Id(1)]
    public string? StoredEtag { get; private set; }

    /// <summary>The version the writer had, where known.</summary>
    [Id(2)]
    public string? CurrentEtag { get; private set; }

    /// <summary>Whether no activation has ended for it yet: a caller it passes through does not end as well.</summary>
    internal bool IsSourceActivation { get; set; } = true;

    /// <inheritdoc/>
    public override string ToString() => $"{base.ToString()} (stored ETag: {StoredEtag}, current ETag: {CurrentEtag})";
}

/// <summary>A grain asked for a storage that the host does not have.</summary>
[GenerateSerializer]
public class BadProviderConfigException : OrleansException
{
    /// <summary>Without detail.</summary>
    public BadProviderConfigException()
    {
    }

    /// <summary>With a message.</summary>
    public BadProviderConfigException(string msg)
        : base(msg)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public BadProviderConfigException(string msg, Exception exc)
        : base(msg, exc)
    {
    }
}
