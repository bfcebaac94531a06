using System.Diagnostics;
using System.Runtime.InteropServices;
using ChangeDetection.Worker.Devices;

namespace ChangeDetection.Worker.Check;

/// <summary>The step <c>load</c>: each native library by itself, then every symbol that the binding asks for.</summary>
internal static class LibraryLoading
{
    private const int MostSymbols = 100;

    /// <summary>Of GLIBCXX_3.4.32, which older C++ runtimes lack. Nothing calls it; build/LibTorchSharp.targets has made the version optional.</summary>
    private const string NeverCalled = "_ZSt21ios_base_library_initv";

    /// <summary>Not <c>torch.__version__</c>: its class loads libtorch at the first touch.</summary>
    private static readonly string s_torchSharp = typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3) ?? "of unknown version";
    private static readonly TimeSpan s_lddLimit = TimeSpan.FromSeconds(10);

    public static StepFinding Check(bool cuda)
    {
        var folder = LibtorchFolder.Find() ?? throw new DeviceUnavailableException("There is no libtorch to load.");
        var (details, errors) = (new List<string>(), new List<string>());
        var loaded = new Dictionary<string, nint>(StringComparer.Ordinal);
        foreach (var (name, required) in ExistingLibtorch.Libraries)
            Load(Path.Combine(folder, name), required || cuda);
        if (LibtorchFolder.Binding is not { } binding)
            errors.Add("libLibTorchSharp.so is not beside this program: it was published without the native part of TorchSharp.");
        else
        {
            Load(binding, required: true);
            if (ExistingLibtorch.Libraries.All(library => !library.Required || loaded.ContainsKey(library.Name)))
                errors.AddRange(MissingSymbols(binding, loaded.Values, details));
        }
        var summary = $"{loaded.Count} libraries, with every symbol that the binding of TorchSharp {s_torchSharp} asks for";
        return errors.Count > 0 ? StepFinding.Failure(string.Join('\n', errors), details) : new StepFinding { Summary = summary, Details = details };

        void Load(string path, bool required)
        {
            var name = Path.GetFileName(path);
            if (!File.Exists(path))
            {
                var build = name.Contains("cuda", StringComparison.Ordinal) ? ", which holds a libtorch for the CPU alone" : "";
                if (required)
                    errors.Add($"{name}: it is not in '{folder}'{build}.");
                else
                    details.Add($"{name}: not there, and not needed");
                return;
            }
            var start = Stopwatch.GetTimestamp();
            try
            {
                loaded[name] = NativeLibrary.Load(path);
                details.Add(FormattableString.Invariant($"{name}: loaded in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s"));
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
            {
                errors.Add($"{name}: {LoadersWords(exception.Message)}");
                errors.AddRange(Unresolved(path).Select(line => $"  ldd: {line}"));
            }
        }
    }

    private static IEnumerable<string> MissingSymbols(string binding, IReadOnlyCollection<nint> loaded, List<string> details)
    {
        var wanted = UndefinedSymbols.Of(binding).Where(symbol => symbol != NeverCalled).ToList();
        var missing = UndefinedSymbols.Missing(wanted, loaded);
        var count = $"{missing.Count} of the {wanted.Count} symbols that it asks for are in no library that was loaded";
        details.Add($"{Path.GetFileName(binding)}: {count}");
        if (missing.Count == 0)
            yield break;
        yield return $"{Path.GetFileName(binding)}: {count}; a call of one ends the process:";
        foreach (var symbol in missing.Take(MostSymbols))
            yield return $"  {symbol}  {UndefinedSymbols.Demangle(symbol)}";
        if (missing.Count > MostSymbols)
            yield return $"  and {missing.Count - MostSymbols} more";
    }

    /// <summary>What the system's loader said: .NET puts a line of advice before it.</summary>
    private static string LoadersWords(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join("; ", lines.Length > 1 ? lines[1..] : lines);
    }

    /// <summary>The loader stops at the first library that it cannot find; ldd names all.</summary>
    private static List<string> Unresolved(string path)
    {
        try
        {
            using var ldd = Process.Start(new ProcessStartInfo("ldd", [path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            _ = ldd.StandardError.ReadToEndAsync();
            var output = ldd.StandardOutput.ReadToEndAsync();
            if (!output.Wait(s_lddLimit))
            {
                ldd.Kill();
                return [];
            }
            // A weak version that is missing is the one that the binding does without.
            var lines = output.Result.Split('\n', StringSplitOptions.TrimEntries);
            return [.. lines.Where(line => line.Contains("not found") && !line.Contains("weak version"))];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return []; // There is no ldd here.
        }
    }
}
