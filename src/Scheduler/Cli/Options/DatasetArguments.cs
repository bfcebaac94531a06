using System.CommandLine;
using System.Reflection;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;

namespace ChangeDetection.Scheduler.Cli.Options;

/// <summary>Arguments and options that several verbs share.</summary>
internal static class DatasetArguments
{
    public static Argument<string> Uri() => new("URI") { Description = "Where the data set is: a folder, or file:///folder, s3://bucket/prefix, …" };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document" };

    /// <summary>Name and version of this program, for manifests.</summary>
    public static string Tool { get; } =
        $"changedetection {typeof(DatasetArguments).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}";

    /// <summary>Parses every text of an option that can be given again, and tells the mistakes of all at once.</summary>
    /// <exception cref="PackRequestException">At least one is wrong.</exception>
    public static IReadOnlyList<T> ParseAll<T>(string[] texts, Func<string, T> parse)
    {
        var (values, wrong) = (new List<T>(), new List<string>());
        foreach (var text in texts)
        {
            try
            {
                values.Add(parse(text));
            }
            catch (PackRequestException error)
            {
                wrong.Add(error.Message);
            }
        }
        return wrong.Count == 0 ? values : throw new PackRequestException(string.Join('\n', wrong));
    }

    /// <summary>Opens the store at an address; a text without <c>scheme://</c> is a folder.</summary>
    /// <exception cref="StoreUriException">It is neither a path nor the address of a store.</exception>
    public static IObjectStore Open(string address)
    {
        if (!address.Contains("://", StringComparison.Ordinal))
            return address.Length > 0 ? new FileObjectStore(address) : throw new StoreUriException("The address of a data set is empty.");
        return System.Uri.TryCreate(address, UriKind.Absolute, out var uri)
            ? ObjectStores.Open(uri, StorageSettings.OfEnvironment(privateAddresses: true))
            : throw new StoreUriException($"'{address}' is no URI. Write a folder, or a URI such as file:///data/szada.");
    }
}
