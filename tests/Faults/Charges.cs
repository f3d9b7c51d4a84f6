namespace OrleansConcert.Faults;

/// <summary>Some users who charge their wallets, over and over, and what they were told.</summary>
internal sealed class Charges
{
    private const string Wallet = "/v1/users/me/wallet";

    private readonly Dictionary<string, (string Access, long Balance)> _users = [];
    private int _keys;

    /// <summary>Charges that were answered.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>Charges of which nobody knows, to be sent again.</summary>
    public List<(string User, Request Request)> Open { get; } = [];

    public async Task SignIn(Client client, int users)
    {
        for (var number = 1; number <= users; number++)
        {
            _users[$"user-{number}"] = (await client.SignIn($"user-{number}"), 0);
        }
    }

    /// <summary>Everybody charges 1 once.</summary>
    /// <returns>What came back where it was no success.</returns>
    public async Task<List<Reply?>> Round(Client client) =>
        await SendAll(client, [.. _users.Select(user => (user.Key, new Request(HttpMethod.Post, Wallet + "/charges")
        {
            Access = user.Value.Access,
            Body = """{"amount":1}""",
            Key = $"{user.Key}-{++_keys}",
        }))]);

    /// <summary>Sends again what nobody knows of.</summary>
    public async Task<List<Reply?>> Again(Client client)
    {
        var open = Open.ToList();
        Open.Clear();
        return await SendAll(client, open);
    }

    /// <summary>What is wrong with the balances, or null. An open charge may have happened.</summary>
    public async Task<string?> Wrong(Client client)
    {
        foreach (var (user, (access, told)) in _users)
        {
            var reply = await client.Send(new(HttpMethod.Get, Wallet) { Access = access });
            var most = told + Open.Count(one => one.User == user);
            if (reply is not { IsSuccess: true } || reply.Json.Number("balance") is var balance && (balance < told || balance > most))
            {
                return $"{user} was told {told}, {most - told} open, and the wallet says {reply}";
            }
        }

        return null;
    }

    private async Task<List<Reply?>> SendAll(Client client, List<(string User, Request Request)> charges)
    {
        var replies = await Task.WhenAll(charges.Select(charge => client.Send(charge.Request)));
        foreach (var ((user, request), reply) in charges.Zip(replies))
        {
            if (reply is { IsSuccess: true })
            {
                _users[user] = _users[user] with { Balance = _users[user].Balance + 1 };
                Acknowledged++;
            }
            else
            {
                Open.Add((user, request));
            }
        }

        return [.. replies.Where(reply => reply is not { IsSuccess: true })];
    }
}
