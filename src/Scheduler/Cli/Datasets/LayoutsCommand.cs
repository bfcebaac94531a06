using System.CommandLine;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Datasets;

/// <summary><c>dataset layouts [NAME]</c>: the layouts that are built in, or the document of one.</summary>
internal static class LayoutsCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string?>("NAME")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "A layout, whose document is printed: to read, or to write one's own from; or the file of one, which is checked and printed",
        };
        var json = DatasetArguments.Json();
        var command = new Command("layouts", "Lists the layouts of folders that pack reads, or prints one's document") { name, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(name) is { } wanted)
                PrintDocument(terminal, wanted, parsed.GetValue(json));
            else
                List(terminal, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static void PrintDocument(Terminal terminal, string name, bool json)
    {
        var text = DatasetLayouts.TextOfDocument(name);
        if (json)
            terminal.Json(new { Name = DatasetLayouts.Find(name).Name, Document = text });
        else
        {
            foreach (var line in text.TrimEnd('\n').Split('\n'))
                terminal.Result(line);
        }
    }

    private static void List(Terminal terminal, bool json)
    {
        if (json)
        {
            terminal.Json(DatasetLayouts.All.Select(layout => new { layout.Name, About = DatasetLayouts.About(layout.Name), layout.Folders }));
            return;
        }
        foreach (var layout in DatasetLayouts.All)
            terminal.Result($"{layout.Name}: {DatasetLayouts.About(layout.Name)}\n    {layout.Folders}");
        terminal.Result(
            "changedetection dataset layouts NAME prints one's document; with changes and another name it is one of your own: --layout ./mine.yaml");
    }
}
