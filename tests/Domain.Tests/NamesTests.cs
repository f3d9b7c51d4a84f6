namespace OrleansConcert.Domain.Tests;

public class NamesTests
{
    [Fact]
    public void Each_character_may_or_may_not_be_in_a_name()
    {
        for (var character = (char)0; character < char.MaxValue; character++)
        {
            var text = character.ToString();
            var isWord = character is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_';
            Assert.Equal(isWord || character == '-', Names.IsId(text));
            Assert.Equal(isWord || character is '-' or '.', Names.IsUserId(text));
            Assert.Equal(isWord, Names.IsSection(text));
            if (character < 200)
            {
                Assert.Equal(isWord, Names.IsSection($"a{text}") && Names.IsSection($"{text}a") && Names.IsSection($"a{text}a"));
            }
        }
    }

    [Fact]
    public void A_name_is_neither_empty_nor_too_long()
    {
        (Func<string?, bool>, int)[] rules = [(Names.IsId, 64), (Names.IsUserId, 64), (Names.IsSection, 16)];
        foreach (var (isName, longest) in rules)
        {
            Assert.False(isName(null));
            Assert.False(isName(""));
            Assert.True(isName("a"));
            Assert.True(isName(new('a', longest)));
            Assert.False(isName(new('a', longest + 1)));
        }
    }
}
