using OrleansConcert.Repository.Tests.CSharp;

namespace OrleansConcert.Repository.Tests;

/// <summary>The tidy rules stand on this scanner, so it is tested on what the language puts in its way.</summary>
public class MembersTests
{
    private const string Sample = """"
        using System;

        namespace Some.Place;

        /// <summary>{ not a brace }</summary>
        [Alias("a{b")]
        public sealed record Pair(string A, int B = 1) : Base
        {
            private static readonly Func<int> Later = () => { return 1; };
            private const char Open = '{';

            public int Size { get; init; } = 3;

            public string Name => $"{A + "}"}{{";

            /* { */
            public static async Task<(string A, int B)> Read(string text)
            {
                if (text == @"""{") { return ("", 1); }
                return (text, 2);
            }

            public static bool operator ==(Pair? left, Pair? right) => left is { } some && some.Equals(right);

            private enum Kind { One, Two }
        }

        internal delegate void Told(int what);

        public readonly record struct Small(int A);
        """";

    [Fact]
    public void Declarations_are_told_apart()
    {
        var found = Members.Of(CodeMask.Of(Sample)).Where(member => member.Name.Length > 0)
            .Select(member => $"{member.Kind} {member.Name}");

        Assert.Equal(
            [
                "Type Pair", "Other Later", "Other Open", "Property Size", "Property Name", "Function Read", "Function operator ==",
                "Type Kind", "Type Told", "Type Small",
            ],
            found.Where(name => name != "Other Place"));
    }

    [Fact]
    public void A_function_ends_at_its_own_brace()
    {
        var read = Members.Of(CodeMask.Of(Sample)).Single(member => member.Name == "Read");

        Assert.Equal(5, read.Length);
        Assert.Equal(1, read.Depth);
        Assert.True(read.IsPublic);
    }

    [Fact]
    public void Masking_keeps_every_line_where_it_is()
    {
        var masked = CodeMask.Of(Sample);

        Assert.Equal(Sample.Length, masked.Length);
        Assert.Equal(Sample.Count(letter => letter == '\n'), masked.Count(letter => letter == '\n'));
        Assert.DoesNotContain("not a brace", masked, StringComparison.Ordinal);
    }
}
