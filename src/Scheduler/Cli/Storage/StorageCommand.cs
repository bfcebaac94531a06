using System.CommandLine;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Storage;

/// <summary><c>storage verify</c>.</summary>
internal static class StorageCommand
{
    public static Command Create(Terminal terminal) => new("storage", "What is stored.") { StorageVerifyCommand.Create(terminal) };
}
