using OrleansConcert.Repository.Tests.Tidy;

namespace OrleansConcert.Repository.Tests;

public class GlossaryTests
{
    private static SourceFile Glossary => Checkout.File("docs/GLOSSARY.md");

    private static IReadOnlyList<(int Line, string[] Cells)> Rows => Markdown.Rows(Glossary, "word");

    [Fact]
    public void Every_row_has_four_columns_and_a_meaning() => Finding.None(Rows
        .Where(row => row.Cells is not [{ Length: > 0 }, { Length: > 0 }, { Length: > 0 }, _])
        .Select(row => new Finding(Glossary.Path, row.Line, "fill in the word, its meaning and its type; only 'not' may be empty")));

    [Fact]
    public void Every_type_of_the_glossary_is_in_the_code()
    {
        var names = Names();

        Finding.None(Rows.SelectMany(row => Markdown.Quoted(row.Cells[2]).Where(type => !names.Contains(type)).Select(type =>
            new Finding(Glossary.Path, row.Line, $"no type is named {type}: name the type that carries '{row.Cells[0]}'"))));
    }

    [Fact]
    public void No_type_is_named_as_the_glossary_says_not_to()
    {
        var banned = Rows.SelectMany(row => row.Cells[3].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(word => (Word: word, Instead: row.Cells[0]))).ToLookup(pair => pair.Word, pair => pair.Instead);

        Finding.None(Products().SelectMany(file => TypeRules.Types(file).Where(type => banned.Contains(type.Name)).Select(type =>
            new Finding(
                file.Path,
                type.FirstLine,
                $"rename {type.Name}: the word here is '{string.Join("' or '", banned[type.Name])}' (docs/GLOSSARY.md)"))));
    }

    [Fact]
    public void The_rows_are_sorted()
    {
        var words = Rows.Select(row => row.Cells[0]).ToList();

        Assert.Equal(words.Order(StringComparer.Ordinal).Distinct(), words);
    }

    private static HashSet<string> Names() => [.. Products().SelectMany(TypeRules.Types).Select(type => type.Name)];

    /// <summary>The engine has the words of Orleans.</summary>
    private static IEnumerable<SourceFile> Products() => Checkout.CSharp.Where(file => !file.IsTest && !file.IsIn("Orleans.InProcess"));
}
