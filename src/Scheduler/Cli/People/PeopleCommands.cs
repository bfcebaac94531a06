using System.CommandLine;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.People;

/// <summary>The verbs about people: who may use the dashboard, how they prove it, and what they did.</summary>
internal static class PeopleCommands
{
    public static IEnumerable<Command> Create(Terminal terminal) =>
    [
        AddressCommand.Create(terminal),
        UserCommand.Create(terminal),
        TokenCommand.Create(terminal),
        AuditCommand.Create(terminal),
    ];
}
