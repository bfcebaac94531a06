using System.CommandLine;
using ChangeDetection.Core.People;
using ChangeDetection.Core.Results;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.People;

/// <summary><c>user add</c>, <c>list</c>, <c>role</c> and <c>remove</c>.</summary>
internal static class UserCommand
{
    public static Command Create(Terminal terminal) => new("user", "People who may use the dashboard, and their roles.")
    {
        Add(terminal), List(terminal), Role(terminal), Remove(terminal),
    };

    private static Command Add(Terminal terminal)
    {
        var (name, role, dataDir) = (Name(), RoleOption(), CommonOptions.DataDir());
        var command = new Command("add", "Add a user. A token lets the user in: 'token create'.") { name, role, dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var user = parsed.GetRequiredValue(name);
            if (!UserStore.IsName(user))
                throw new CommandException($"'{user}' cannot be a user's name: {UserStore.NameRule}.");
            var given = parsed.GetRequiredValue(role);
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "user add", cancellationToken);
            if (!await new UserStore(system.Database, system.Actor).AddAsync(user, given, cancellationToken))
                throw new CommandException($"There is a user '{user}' already. 'changedetection user role {user} --role {given.Word()}' changes the role.");
            terminal.Result($"{user}: {given.Word()}");
            terminal.Say($"Let {user} in with a token: changedetection token create --user {user}");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command List(Terminal terminal)
    {
        var (dataDir, json) = (CommonOptions.DataDir(), CommonOptions.Json());
        var command = new Command("list", "List the users.") { dataDir, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "user list", cancellationToken);
            var users = await new UserStore(system.Database, system.Actor).ListAsync(cancellationToken);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(users.Select(user => new { user.Name, user.Role, user.Tokens, user.CreatedAt })));
            else
                Print(terminal, users);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Role(Terminal terminal)
    {
        var (name, role, dataDir) = (Name(), RoleOption(), CommonOptions.DataDir());
        var command = new Command("role", "Change a user's role. Signed-in browsers have it within seconds.") { name, role, dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (user, given) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(role));
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "user role", cancellationToken);
            if (!await new UserStore(system.Database, system.Actor).SetRoleAsync(user, given, cancellationToken))
                throw Unknown(user);
            terminal.Result($"{user}: {given.Word()}");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Remove(Terminal terminal)
    {
        var (name, dataDir) = (Name(), CommonOptions.DataDir());
        var command = new Command("remove", "Remove a user with all tokens. Runs keep the name.") { name, dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var user = parsed.GetRequiredValue(name);
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "user remove", cancellationToken);
            if (!await new UserStore(system.Database, system.Actor).RemoveAsync(user, cancellationToken))
                throw Unknown(user);
            terminal.Result($"{user}: removed");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The answer to a name that no user has.</summary>
    public static CommandException Unknown(string user) => new(
        $"There is no user '{user}'. 'changedetection user list' shows them; add one: changedetection user add {user} --role viewer|operator|admin");

    private static Argument<string> Name() => new("NAME") { Description = "The user's name." };

    private static Option<UserRole> RoleOption() => new("--role")
    {
        Description = "viewer (reads), operator (acts on runs and workers too) or admin (manages people and the queue's own pages too).",
        Required = true,
    };

    private static void Print(Terminal terminal, IReadOnlyList<User> users)
    {
        if (users.Count == 0)
        {
            terminal.Result("No users. Add one: changedetection user add NAME --role viewer|operator|admin");
            return;
        }
        var table = new TextTable(new("Name"), new("Role"), new("Tokens", IsNumber: true), new("Added", Rank: 1));
        foreach (var user in users)
            table.Add(user.Name, user.Role.Word(), $"{user.Tokens}", Tables.Time(user.CreatedAt));
        terminal.Write(table);
    }
}
