using System.Globalization;

namespace ChangeDetection.Core.Storage;

/// <summary>
/// How stores on the network are reached and how patient one is with them. Read from the environment alone: a trainer has nothing else, and
/// credentials, which stand there too, are for the providers' libraries and never for us to copy about.
/// </summary>
public sealed record StorageSettings
{
    private const string Prefix = "CHANGEDETECTION_STORAGE__";

    /// <summary>The variable behind <see cref="AllowPrivateAddresses"/>.</summary>
    public const string PrivateAddressesVariable = Prefix + "ALLOW_PRIVATE_ADDRESSES";

    private const string PathStyleVariable = Prefix + "PATH_STYLE";
    private const string TriesVariable = Prefix + "TRIES";
    private const string RetryForVariable = Prefix + "RETRY_FOR";
    private const string IdleTimeoutVariable = Prefix + "IDLE_TIMEOUT";

    /// <summary>
    /// Whether a data set may be read by HTTP from this machine, its networks or its cloud's metadata service. Whoever submits a config names the
    /// address, and the worker's machine reaches more than he does.
    /// </summary>
    public bool AllowPrivateAddresses { get; init; }

    /// <summary>S3: the bucket in the path instead of the host name; null: where an endpoint of one's own is set.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>How often one request is sent at most.</summary>
    public int Tries { get; init; } = 8;

    /// <summary>No request is sent again later than this after it was sent first.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A connection over which nothing moves for so long is broken off.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many objects a listing asks for at once; null: as many as the service gives.</summary>
    internal int? PageSize { get; init; }

    /// <summary>Reads the environment.</summary>
    /// <param name="privateAddresses">What holds where nothing is set: true for a person's own command line and own machine.</param>
    /// <exception cref="StoreUriException">A variable has no value of its kind.</exception>
    public static StorageSettings OfEnvironment(bool privateAddresses = false)
    {
        var settings = new StorageSettings();
        return settings with
        {
            AllowPrivateAddresses = Switch(PrivateAddressesVariable) ?? privateAddresses,
            PathStyle = Switch(PathStyleVariable),
            Tries = Number(TriesVariable, settings.Tries, 1, 100),
            RetryFor = Duration(RetryForVariable, settings.RetryFor),
            IdleTimeout = Duration(IdleTimeoutVariable, settings.IdleTimeout),
        };
    }

    private static string? Text(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? text : null;

    private static bool? Switch(string variable) => Text(variable) switch
    {
        null => null,
        var text when bool.TryParse(text, out var on) => on,
        var text => throw new StoreUriException($"{variable} is '{text}'. Write true or false."),
    };

    private static int Number(string variable, int otherwise, int least, int most) => Text(variable) switch
    {
        null => otherwise,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most => number,
        var text => throw new StoreUriException($"{variable} is '{text}', which is no number from {least} to {most}."),
    };

    private static TimeSpan Duration(string variable, TimeSpan otherwise) => Text(variable) switch
    {
        null => otherwise,
        // A bare number would be days.
        var text when text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration)
            && duration > TimeSpan.Zero && duration <= TimeSpan.FromDays(1) => duration,
        var text => throw new StoreUriException(
            $"{variable} is '{text}', which is no duration of at most a day. Write it like {otherwise} (hours, minutes, seconds)."),
    };
}
