namespace OrleansConcert.Repository.Tests.CSharp;

internal enum MemberKind
{
    Type,
    Function,
    Property,

    /// <summary>Fields, constants, usings, statements at the top.</summary>
    Other,
}

/// <summary>One declaration of a C# file.</summary>
/// <param name="Kind">What is declared.</param>
/// <param name="Name">Its name, without type parameters.</param>
/// <param name="Header">What stands before its body, its attributes left out.</param>
/// <param name="FirstLine">Where it begins, its attributes included, from 1.</param>
/// <param name="LastLine">Where it ends.</param>
/// <param name="Depth">In how many types it is nested.</param>
internal sealed record Member(MemberKind Kind, string Name, string Header, int FirstLine, int LastLine, int Depth)
{
    public int Length => LastLine - FirstLine + 1;

    /// <summary>Whether it says public itself.</summary>
    public bool IsPublic => Regex.IsMatch(Header, @"^(\w+\s+)*?public\b");
}
