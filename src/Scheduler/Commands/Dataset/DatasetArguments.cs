using System.CommandLine;
using ChangeDetection.Storage;

namespace ChangeDetection.Scheduler.Commands.Dataset;

/// <summary>Arguments and options that several verbs share.</summary>
internal static class DatasetArguments
{
    public static Argument<string> Uri() => new("URI") { Description = "Where the data set is: a folder, or file:///folder, s3://bucket/prefix, …" };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document" };

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
