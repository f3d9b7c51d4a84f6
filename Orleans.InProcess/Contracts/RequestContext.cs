using Orleans.InProcess;

namespace Orleans.Runtime;

/// <summary>
/// Values that travel with calls: what a caller set, the grain it calls sees, and the grains called from there. What a
/// grain sets does not travel back.
/// </summary>
public static class RequestContext
{
    internal const string ReentrancyKey = "#CCR";
    private static readonly AsyncLocal<Dictionary<string, object>?> Ambient = new();
    private static long s_lastReentrancyId;

    /// <summary>The call chain whose calls may come back into grains that allowed it; empty for none.</summary>
    public static Guid ReentrancyId
    {
        get => Get(ReentrancyKey) is Guid id ? id : Guid.Empty;
        set
        {
            if (value == Guid.Empty)
            {
                Remove(ReentrancyKey);
            }
            else
            {
                Set(ReentrancyKey, value);
            }
        }
    }

    /// <summary>The keys set here.</summary>
    public static IEnumerable<string> Keys => Ambient.Value?.Keys ?? Enumerable.Empty<string>();

    /// <summary>The values set here.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Entries => Ambient.Value ?? Enumerable.Empty<KeyValuePair<string, object>>();

    /// <summary>The values of this flow, never changed in place; null for none.</summary>
    internal static Dictionary<string, object>? Values
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>The value set here under <paramref name="key"/>, or null.</summary>
    public static object? Get(string key) => Ambient.Value is { } values && values.TryGetValue(key, out var value) ? value : null;

    /// <summary>Sets a value for this flow and the calls it makes. It must be of a type that may cross calls.</summary>
    public static void Set(string key, object value)
    {
        // Flows that branched off share the dictionary, so it is replaced and never changed.
        var values = Ambient.Value is { } old ? new Dictionary<string, object>(old) : [];
        values[key] = value;
        Ambient.Value = values;
    }

    /// <summary>Forgets a value; whether there was one.</summary>
    public static bool Remove(string key)
    {
        if (Ambient.Value is not { } old || !old.ContainsKey(key))
        {
            return false;
        }

        var values = new Dictionary<string, object>(old);
        values.Remove(key);
        Ambient.Value = values.Count > 0 ? values : null;
        return true;
    }

    /// <summary>Forgets everything set here.</summary>
    public static void Clear()
    {
        if (Ambient.Value is not null)
        {
            Ambient.Value = null;
        }
    }

    /// <summary>Until disposed, calls made from here may come back into this grain (A to B to A) instead of waiting for ever.</summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        var before = ReentrancyId;
        return new ReentrancySection(before, before == Guid.Empty ? NextReentrancyId() : before);
    }

    /// <summary>Until disposed, calls made from here do not come back into grains that allowed it.</summary>
    public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

    // Unique within the process, which is as far as a call goes; a counter, since ids of chance come from outside.
    private static Guid NextReentrancyId()
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BitConverter.TryWriteBytes(bytes, Interlocked.Increment(ref s_lastReentrancyId));
        return new Guid(bytes);
    }

    /// <summary>Ends the permission or the prohibition when disposed.</summary>
#pragma warning disable CA1815 // Sections are disposed, never compared.
    public readonly struct ReentrancySection : IDisposable
#pragma warning restore CA1815
    {
        private readonly Guid _before;
        private readonly Guid _within;

        /// <summary>Replaces the call chain of this flow and opens the current grain to it.</summary>
        public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
        {
            _before = originalReentrancyId;
            _within = newReentrancyId;
            if (_within != _before)
            {
                ReentrancyId = _within;
            }

            if (_within != Guid.Empty)
            {
                Activation.Current?.EnterReentrantSection(_within);
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (_within != Guid.Empty)
            {
                Activation.Current?.LeaveReentrantSection(_within);
            }

            if (_within != _before)
            {
                ReentrancyId = _before;
            }
        }
    }
}
