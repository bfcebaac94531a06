using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Slots;

namespace ChangeDetection.Worker.Check;

/// <summary>What the check is to do.</summary>
internal sealed record CheckOptions
{
    public const string Usage =
        """
        changedetection-worker check [OPTION VALUE]…
          --device    what to check: cpu or cuda:N (cuda:0)
          --libtorch  the folder of libtorch's libraries; without it CHANGEDETECTION_LIBTORCH, else the one beside this program
          --models    networks that are trained, resumed and timed (fc-siam-diff,snunet,tinycd)
          --threads   compute threads (2)
          --seconds   what the whole check may take (330)
          --facts     lines NAME<tab>VALUE about the machine that the report repeats
          --report    writes FILE.json and FILE.txt; FILE may be given with either extension
        """;

    private const int UsualSeconds = 330;
    private const int MostSeconds = 3600;

    public static TimeSpan UsualLimit { get; } = TimeSpan.FromSeconds(UsualSeconds);

    public required Slot Slot { get; init; }
    public required string? Libtorch { get; init; }
    public required IReadOnlyList<string> Models { get; init; }
    public required int Threads { get; init; }
    public required TimeSpan Limit { get; init; }
    public required string? Facts { get; init; }
    /// <summary>Absolute, without extension.</summary>
    public required string? Report { get; init; }

    /// <exception cref="FormatException">An option is unknown, has no value, or has one that it cannot have.</exception>
    public static CheckOptions Parse(string[] arguments)
    {
        string[] known = ["--device", "--libtorch", "--models", "--threads", "--seconds", "--facts", "--report"];
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (!known.Contains(arguments[i]))
                throw new FormatException($"there is no option '{arguments[i]}'.");
            if (i + 1 == arguments.Length)
                throw new FormatException($"{arguments[i]} needs a value.");
            given[arguments[i]] = arguments[i + 1];
        }
        return new CheckOptions
        {
            Slot = SingleSlot(given.GetValueOrDefault("--device", "cuda:0")),
            Libtorch = given.GetValueOrDefault("--libtorch"),
            Models = Names(given.GetValueOrDefault("--models", "fc-siam-diff,snunet,tinycd")),
            Threads = Number(given, "--threads", 2, 256),
            Limit = TimeSpan.FromSeconds(Number(given, "--seconds", UsualSeconds, MostSeconds)),
            Facts = given.GetValueOrDefault("--facts") is { } facts
                ? File.Exists(facts) ? facts : throw new FormatException($"--facts: there is no file '{facts}'.")
                : null,
            Report = given.GetValueOrDefault("--report") is { } report ? WithoutExtension(report) : null,
        };
    }

    private static Slot SingleSlot(string name) => SlotList.Parse(name) is [var slot]
        ? slot
        : throw new FormatException($"--device: '{name}' is more than one device. Check one after the other.");

    private static IReadOnlyList<string> Names(string list)
    {
        var names = list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).ToList();
        if (names.Count == 0)
            throw new FormatException("--models is empty.");
        return names.FirstOrDefault(name => !ModelNames.All.Contains(name)) is { } unknown
            ? throw new FormatException($"--models: there is no network '{unknown}'. There are: {string.Join(", ", ModelNames.All)}.")
            : names;
    }

    private static string WithoutExtension(string report)
    {
        var path = Path.GetFullPath(report);
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            throw new FormatException($"--report: there is no folder '{Path.GetDirectoryName(path)}'.");
        return Path.GetExtension(path) is ".json" or ".txt" ? Path.ChangeExtension(path, null) : path;
    }

    private static int Number(Dictionary<string, string> given, string option, int otherwise, int most)
    {
        if (!given.TryGetValue(option, out var text))
            return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= most
            ? number
            : throw new FormatException($"{option} is '{text}', which is no whole number from 1 to {most}.");
    }
}
