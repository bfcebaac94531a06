using System.CommandLine;
using ChangeDetection.Core.People;
using ChangeDetection.Core.Results;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.People;

/// <summary><c>token create</c>, <c>list</c> and <c>revoke</c>.</summary>
internal static class TokenCommand
{
    private const int LongestName = 100;

    public static Command Create(Terminal terminal) => new("token", "Tokens by which users sign in to the dashboard, and programs use it.")
    {
        New(terminal), List(terminal), Revoke(terminal),
    };

    private static Command New(Terminal terminal)
    {
        var user = new Option<string?>("--user") { Description = "Whose it is (default: this account's name)." };
        var expires = new Option<string>("--expires")
        {
            Description = $"After how long it is void: {TokenLifetime.Form}.", DefaultValueFactory = _ => "90d",
        };
        var name = new Option<string?>("--name") { Description = "What it is for." };
        var (dataDir, json) = (CommonOptions.DataDir(), CommonOptions.Json());
        var command = new Command("create", "Create a token, and print it: it is shown this once, and only its hash is kept.")
        {
            user, expires, name, dataDir, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lifetime = TokenLifetime.Parse(parsed.GetRequiredValue(expires))
                ?? throw new CommandException($"--expires: '{parsed.GetValue(expires)}' is no time. Write {TokenLifetime.Form}.");
            if (parsed.GetValue(name) is { Length: > LongestName })
                throw new CommandException($"--name takes {LongestName} characters at most.");
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "token create", cancellationToken);
            var owner = parsed.GetValue(user) ?? system.Actor.User;
            var (secret, token) = await new TokenStore(system.Database).CreateAsync(owner, parsed.GetValue(name), lifetime, system.Actor, cancellationToken)
                ?? throw UserCommand.Unknown(owner);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(new { token.Id, Token = secret, User = token.UserName, token.Name, token.ExpiresAt }));
            else
                terminal.Result(secret);
            terminal.Say($"Token {token.Id} of {owner}, valid until {Tables.Time(token.ExpiresAt)}. It is not shown again.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command List(Terminal terminal)
    {
        var user = new Option<string?>("--user") { Description = "Only this user's." };
        var (dataDir, json) = (CommonOptions.DataDir(), CommonOptions.Json());
        var command = new Command("list", "List tokens: whose they are and until when, never the tokens themselves.") { user, dataDir, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "token list", cancellationToken);
            var tokens = await new TokenStore(system.Database).ListAsync(parsed.GetValue(user), cancellationToken);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(tokens.Select(token => new
                {
                    token.Id, User = token.UserName, token.Name, State = State(token), token.CreatedAt, token.ExpiresAt, token.RevokedAt, token.LastUsedAt,
                })));
            else
                Print(terminal, tokens);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Revoke(Terminal terminal)
    {
        var (id, dataDir) = (new Argument<string>("ID") { Description = "The token's id, as 'token list' shows it." }, CommonOptions.DataDir());
        var command = new Command("revoke", "Make a token void. Browsers that signed in with it are out within seconds.") { id, dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!Guid.TryParse(parsed.GetRequiredValue(id), out var token))
                throw new CommandException("A token is revoked by its id, which 'changedetection token list' shows, not by the token itself.");
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "token revoke", cancellationToken);
            if (!await new TokenStore(system.Database).RevokeAsync(token, system.Actor, cancellationToken))
                throw new CommandException($"There is no token {token} that could be revoked. 'changedetection token list' shows what there is.");
            terminal.Result($"{token}: revoked");
            return ExitCode.Done;
        });
        return command;
    }

    private static string State(TokenRecord token) => token switch
    {
        { RevokedAt: not null } => "revoked",
        { IsValid: false } => "expired",
        _ => "valid",
    };

    private static void Print(Terminal terminal, IReadOnlyList<TokenRecord> tokens)
    {
        if (tokens.Count == 0)
        {
            terminal.Result("No tokens. Create one: changedetection token create --user NAME");
            return;
        }
        var table = new TextTable(
            new("ID"), new("User"), new("Name", Rank: 2, Least: 8), new("State"), new("Expires", Rank: 1), new("Last used", Rank: 3), new("Created", Rank: 4));
        foreach (var token in tokens)
        {
            table.Add(
                token.Id.ToString(), token.UserName, token.Name ?? "", State(token), Tables.Time(token.ExpiresAt), Tables.Time(token.LastUsedAt),
                Tables.Time(token.CreatedAt));
        }
        terminal.Write(table);
    }
}
