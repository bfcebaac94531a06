using System.CommandLine;
using ChangeDetection.Core.Configuration.Parameters;

namespace ChangeDetection.Scheduler.Cli.Checkpoints;

/// <summary>How the names of a file of weights become those of a network, as the command line says it.</summary>
internal sealed record NamingOptions(Option<string[]> Rename, Option<string?> Key)
{
    public static NamingOptions Create() => new(
        new("--rename")
        {
            Description =
                $"{ParameterRename.Form}. May be given more than once; of a name, the first that matches counts, and one that matches none is an error. " +
                "What wrappers put before all names (module., _orig_mod., model., net.) is taken off before.",
            AllowMultipleArgumentsPerToken = false,
        },
        new("--key")
        {
            Description =
                "Of a .pth with several state dictionaries: the entry that holds these weights, with dots where one stands in another (ema.module). " +
                "Without it, it is found where the field's training loops put it.",
        });
}
