using System.Buffers.Text;
using System.Text;
using OrleansConcert.Domain.Access;

namespace OrleansConcert.Domain.Tests.Access;

public class TokenTests
{
    private static readonly KeyRing Keys = new([Key(1)]);
    private static readonly QueueToken Place = new("main", 42, "kim.minji", 4_000_000_000);
    private static readonly AccessToken SignedIn = new("kim.minji", false, Some.Noon);

    [Theory]
    [InlineData("main", 1, "u", 0)]
    [InlineData("A_-9", long.MaxValue, "a.b_c-D", uint.MaxValue)]
    [InlineData("q", 0, "1", 1)]
    public void A_queue_token_says_what_was_signed(string queue, long ticket, string user, uint nonce)
    {
        var token = new QueueToken(queue, ticket, user, nonce);
        var text = token.Sign(Keys);

        Assert.StartsWith("qt.", text, StringComparison.Ordinal);
        Assert.Equal(token, QueueToken.Verify(Keys, text));
        Assert.Null(AccessToken.Verify(Keys, text));
    }

    [Theory]
    [InlineData("u", true)]
    [InlineData("a.b_c-D", false)]
    public void An_access_token_says_what_was_signed(string user, bool isAdmin)
    {
        var token = new AccessToken(user, isAdmin, Some.Noon);
        var text = token.Sign(Keys);

        Assert.StartsWith("at.", text, StringComparison.Ordinal);
        Assert.Equal(token, AccessToken.Verify(Keys, text));
        Assert.Null(QueueToken.Verify(Keys, text));
    }

    [Fact]
    public void The_longest_ids_still_make_a_token()
    {
        var token = new QueueToken(new('q', 64), long.MaxValue, new('u', 64), uint.MaxValue);
        Assert.Equal(token, QueueToken.Verify(Keys, token.Sign(Keys)));
    }

    [Fact]
    public void Random_tokens_come_back_as_they_were() => Walk.Each(seeds: 20, steps: 100, random => () =>
    {
        var place = new QueueToken(Id(random, "_-"), random.NextInt64(), Id(random, "._-"), (uint)random.NextInt64(1L << 32));
        Assert.Equal(place, QueueToken.Verify(Keys, place.Sign(Keys)));
        var access = new AccessToken(Id(random, "._-"), random.Once(2), new(random.NextInt64(1L << 45)));
        Assert.Equal(access, AccessToken.Verify(Keys, access.Sign(Keys)));
    });

    [Fact]
    public void Every_change_of_one_character_is_refused()
    {
        var text = Place.Sign(Keys);
        const string Others = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+/= \0\t\né한|%";
        for (var at = 0; at < text.Length; at++)
        {
            foreach (var other in Others.Where(other => other != text[at]))
            {
                Refused(text[..at] + other + text[(at + 1)..]);
            }
        }
    }

    [Fact]
    public void Every_insertion_and_every_missing_part_is_refused()
    {
        var text = Place.Sign(Keys);
        for (var at = 0; at <= text.Length; at++)
        {
            Refused(at < text.Length ? text[..at] : "");
            Refused(at > 0 ? text[at..] : "");
            Refused(at < text.Length ? text.Remove(at, 1) : "");
            foreach (var other in "A0. =\n-_|")
            {
                Refused(text.Insert(at, other.ToString()));
            }
        }
    }

    [Fact]
    public void A_hundred_thousand_random_changes_are_refused()
    {
        var signed = Enumerable.Range(0, 50).Select(ticket => (Place with { Ticket = ticket }).Sign(Keys)).ToArray();
        Walk.Each(seeds: 100, steps: 1_000, random => () =>
        {
            var text = signed[random.Next(signed.Length)].ToCharArray();
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                text[random.Next(text.Length)] = (char)random.Next(random.Once(10) ? char.MaxValue : 128);
            }

            if (!signed.Contains(new(text)))
            {
                Refused(new(text));
            }
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("qt.")]
    [InlineData("qt..")]
    [InlineData("qt.a")]
    [InlineData("qt.a.")]
    [InlineData("qt..a")]
    [InlineData("qt.!.!")]
    [InlineData("qt.bWFpbnwx.AAAA")]
    [InlineData("QT.a.a")]
    [InlineData("at.a.a")]
    [InlineData("null")]
    public void What_is_no_token_is_refused(string text) => Refused(text);

    [Fact]
    public void What_is_too_long_is_refused()
    {
        Refused("qt." + new string('A', 100_000));
        Refused("qt." + new string('A', 450) + "." + new string('A', 43));
        Refused("qt." + new string('A', 600) + "." + new string('A', 43));
        var long_ = Keys.Sign("qt.", new('a', 400));
        Assert.Null(Keys.Verify("qt.", long_));
        Assert.NotNull(Keys.Verify("qt.", Keys.Sign("qt.", new('a', 340))));
    }

    [Fact]
    public void A_tag_of_another_length_is_refused()
    {
        var claims = Base64Url.EncodeToString("main|1|u|1"u8);
        for (var length = 0; length < 64; length++)
        {
            Refused($"qt.{claims}.{Base64Url.EncodeToString(new byte[length])}");
        }
    }

    [Fact]
    public void The_tag_of_other_claims_is_refused()
    {
        var (one, other) = (Place.Sign(Keys).Split('.'), (Place with { Ticket = 43 }).Sign(Keys).Split('.'));
        Refused($"qt.{one[1]}.{other[2]}");
        Refused($"qt.{other[1]}.{one[2]}");
    }

    [Fact]
    public void A_token_under_another_prefix_is_refused()
    {
        var claims = "a|1|9";
        var access = Keys.Sign("at.", claims);
        Assert.Null(Keys.Verify("qt.", access));
        Assert.Null(Keys.Verify("qt.", "qt." + access[3..]));
    }

    [Fact]
    public void A_token_under_another_key_is_refused() => Assert.Null(QueueToken.Verify(new([Key(2)]), Place.Sign(Keys)));

    [Fact]
    public void The_first_key_signs_and_all_verify()
    {
        var rotated = new KeyRing([Key(2), Key(1), Key(3)]);

        Assert.Equal(Place, QueueToken.Verify(rotated, Place.Sign(Keys)));
        Assert.Equal(Place, QueueToken.Verify(new([Key(2)]), Place.Sign(rotated)));
        Assert.Equal(Place, QueueToken.Verify(rotated, Place.Sign(new([Key(3)]))));
        Assert.Null(QueueToken.Verify(Keys, Place.Sign(rotated)));
        Assert.Null(QueueToken.Verify(new([Key(2), Key(3)]), Place.Sign(Keys)));
    }

    [Fact]
    public void A_key_given_twice_verifies_as_one() =>
        Assert.Equal(Place, QueueToken.Verify(new([Key(1), Key(1)]), Place.Sign(Keys)));

    [Fact]
    public void Nothing_may_be_signed_too() => Assert.Equal("", Keys.Verify("x.", Keys.Sign("x.", "")));

    [Fact]
    public void Keys_are_long_and_few()
    {
        Assert.Contains(
            "1 to 8 keys of at least 32 bytes are needed",
            Assert.Throws<ArgumentException>(() => new KeyRing([])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new KeyRing([new byte[31]]));
        Assert.Throws<ArgumentException>(() => new KeyRing([Key(1), new byte[31]]));
        Assert.Throws<ArgumentException>(() => new KeyRing([.. Enumerable.Range(0, 9).Select(key => Key((byte)key))]));
        Assert.NotNull(new KeyRing([.. Enumerable.Range(0, 8).Select(key => Key((byte)key))]));
        Assert.NotNull(new KeyRing([new byte[32]]));
    }

    [Theory]
    [InlineData("a|b", "u")]
    [InlineData("a", "u|1")]
    [InlineData("a|1", "u|1")]
    [InlineData("|", "|")]
    public void Claims_with_separators_are_refused_rather_than_misread(string queue, string user)
    {
        Assert.Null(QueueToken.Verify(Keys, new QueueToken(queue, 1, user, 1).Sign(Keys)));
        if (user.Contains('|'))
        {
            Assert.Null(AccessToken.Verify(Keys, new AccessToken(user, false, Some.Noon).Sign(Keys)));
        }
    }

    [Theory]
    [InlineData("main|1|u")]
    [InlineData("main|-1|u|1")]
    [InlineData("main|+1|u|1")]
    [InlineData("main| 1|u|1")]
    [InlineData("main|x|u|1")]
    [InlineData("main|1|u|-1")]
    [InlineData("main|1|u|4294967296")]
    [InlineData("main|9223372036854775808|u|1")]
    [InlineData("")]
    public void Well_signed_nonsense_is_no_queue_token(string claims) =>
        Assert.Null(QueueToken.Verify(Keys, Keys.Sign("qt.", claims)));

    [Theory]
    [InlineData("u|1")]
    [InlineData("u|1|x")]
    [InlineData("u|1|-5")]
    [InlineData("u|1|5|6")]
    public void Well_signed_nonsense_is_no_access_token(string claims) =>
        Assert.Null(AccessToken.Verify(Keys, Keys.Sign("at.", claims)));

    [Theory]
    [InlineData("0", false)]
    [InlineData("2", false)]
    [InlineData("", false)]
    [InlineData("1", true)]
    public void Only_a_one_makes_an_admin(string admin, bool expected) =>
        Assert.Equal(expected, AccessToken.Verify(Keys, Keys.Sign("at.", $"u|{admin}|5"))!.IsAdmin);

    [Fact]
    public void A_change_from_user_to_admin_is_refused()
    {
        var tag = SignedIn.Sign(Keys).Split('.')[2];
        var forged = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"kim.minji|1|{Some.Noon.Milliseconds}"));
        Assert.Null(AccessToken.Verify(Keys, $"at.{forged}.{tag}"));
    }

    private static void Refused(string text)
    {
        Assert.Null(QueueToken.Verify(Keys, text));
        Assert.Null(AccessToken.Verify(Keys, text));
    }

    private static byte[] Key(byte fill)
    {
        var key = new byte[KeyRing.MinKeyBytes];
        Array.Fill(key, fill);
        return key;
    }

    private static string Id(Random random, string extra)
    {
        var letters = "ABCXYZabcxyz0189" + extra;
        return string.Concat(Enumerable.Range(0, random.Next(1, 65)).Select(_ => letters[random.Next(letters.Length)]));
    }
}
