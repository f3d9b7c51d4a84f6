using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using OrleansConcert.Domain.Access;

namespace OrleansConcert.Silo;

/// <summary>Reads settings, each checked as it is read: the first that is wrong stops the start.</summary>
public abstract class ConfigurationReader(IConfiguration configuration)
{
    private const string Ours = "Concert";

    /// <summary>Every setting there is, noted as it is read.</summary>
    private readonly List<string> _known = [];

    protected IConfiguration Configuration => configuration;

    /// <summary>A setting that nobody reads is a misspelt one: its author believes in it.</summary>
    protected void RefuseUnknown()
    {
        foreach (var (path, value) in configuration.GetSection(Ours).AsEnumerable())
        {
            var name = ConfigurationPath.GetParentPath(path) is { } list && int.TryParse(ConfigurationPath.GetSectionKey(path), out _)
                ? list
                : path;
            if (value is not null && path != Ours && !_known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw SettingException.OfUnknown(name, _known.MinBy(known => Distance(known, name))!);
            }
        }
    }

    /// <summary>How many characters have to be typed, taken away or exchanged to make one name of another.</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        foreach (var letter in one)
        {
            var diagonal = row[0]++;
            for (var at = 1; at < row.Length; at++)
            {
                var same = char.ToUpperInvariant(letter) == char.ToUpperInvariant(other[at - 1]);
                (diagonal, row[at]) = (row[at], Math.Min(diagonal + (same ? 0 : 1), 1 + Math.Min(row[at], row[at - 1])));
            }
        }

        return row[^1];
    }

    protected string? Value(string name)
    {
        _known.Add(name);
        return configuration[name];
    }

    protected string OneOf(string name, params ReadOnlySpan<string> allowed)
    {
        var text = Value(name) ?? allowed[0];
        foreach (var one in allowed)
        {
            if (one.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return one;
            }
        }

        throw new SettingException(name, text, string.Join(" or ", allowed.ToArray()));
    }

    protected int Number(string name, int otherwise, int least, int most)
    {
        if (Value(name) is not { } text)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new SettingException(name, text, $"{least} to {most}");
    }

    protected ImmutableArray<byte[]> SigningKeys(string name)
    {
        var keys = List(name);
        var allowed = $"1 to {KeyRing.MaxKeys} keys in base64, each of {KeyRing.MinKeyBytes} bytes or more";
        var buffer = new byte[4096];
        var read = ImmutableArray.CreateBuilder<byte[]>();
        foreach (var key in keys)
        {
            // The value is a secret: it is not shown.
            read.Add(Convert.TryFromBase64String(key, buffer, out var length) && length >= KeyRing.MinKeyBytes
                ? buffer[..length]
                : throw new SettingException(name, $"a list whose entry {read.Count} is wrong", allowed));
        }

        return read.Count <= KeyRing.MaxKeys
            ? read.ToImmutable()
            : throw new SettingException(name, $"a list of {read.Count}", allowed);
    }

    /// <summary>A list as the configuration has it (<c>name:0</c>, <c>name:1</c>), or one entry as the value itself.</summary>
    protected ImmutableArray<string> List(string name)
    {
        _known.Add(name);
        var section = configuration.GetSection(name);
        return section.Value is { Length: > 0 } single
            ? [single]
            : [.. section.GetChildren().Select(child => child.Value ?? "")];
    }

    /// <summary>A list of addresses to listen at, plain HTTP: whoever wants TLS has it ended by a proxy.</summary>
    protected static IReadOnlyList<BindingAddress> AddressesOf(string name, string urls) =>
    [
        .. urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(url => AddressOf(name, url)),
    ];

    protected static BindingAddress AddressOf(string name, string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            if (address is { Scheme: "http", Port: >= 0 and <= IPEndPoint.MaxPort, PathBase: "" })
            {
                return address;
            }
        }
        catch (FormatException)
        {
            // Told below, with what is allowed.
        }

        throw new SettingException(name, url, "a list of addresses such as http://127.0.0.1:5080");
    }

    /// <summary>A name of 1 to 64 letters, digits, hyphens and underscores.</summary>
    protected string Id(string name, string otherwise) => Value(name) is not { } text ? otherwise
        : text.Length is >= 1 and <= 64 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_') ? text
        : throw new SettingException(name, text, "1 to 64 of A-Za-z0-9_-");

    /// <summary>The value has a password: it is not shown.</summary>
    protected string Database(string name, bool isNeeded) => configuration[name] is { Length: > 0 } text
        ? text
        : !isNeeded ? ""
        : throw new SettingException(name, null, "a database such as Host=db;Database=concert;Username=concert;Password=...");
}

/// <summary>A setting is not what it may be. The message is one line for the operator: name, value, what is allowed.</summary>
public sealed class SettingException : StartException
{
    public SettingException(string name, string? value, string allowed)
        : base($"{name} is {(value is null ? "not set" : $"'{value}'")}; it must be {allowed}.")
    {
    }

    private SettingException(string message)
        : base(message)
    {
    }

    /// <summary>There is no setting of that name. The value is not shown: it may be the secret of the one that was meant.</summary>
    public static SettingException OfUnknown(string name, string nearest) =>
        new($"{name} is no setting; the nearest that there is: {nearest}.");
}
