using ChangeDetection.Worker.Devices;

namespace ChangeDetection.Worker.Models;

/// <summary><c>model show NAME [--channels C] [--json]</c>, asked by the command line.</summary>
public static class ModelVerb
{
    private const int Wrong = 2;

    public static int Run(string[] args)
    {
        var json = args.Contains("--json");
        switch (args.Where(argument => argument != "--json").ToArray())
        {
            case ["show", var name]:
                return Show(name, 3, json);
            case ["show", var name, "--channels", var text] when int.TryParse(text, out var channels) && channels is > 0 and <= 64:
                return Show(name, channels, json);
            default:
                Console.Error.WriteLine("error: usage: model show NAME [--channels 1..64] [--json]");
                return Wrong;
        }
    }

    private static int Show(string name, int channels, bool json)
    {
        NativeContext.SilenceWarnings();
        try
        {
            ModelReport.Show(name, channels, Console.Out, json);
            return 0;
        }
        catch (UnknownModelException exception)
        {
            Console.Error.WriteLine($"error: {exception.Message}");
            return Wrong;
        }
    }
}
