using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ChangeDetection.Core.Hosting;

/// <summary>
/// Shows to a health check that a process which answers on no port is ready: the file that <c>CHANGEDETECTION_HEALTH_FILE</c> names is there from the moment
/// it is ready until it begins to leave, and is written anew every five seconds. A process that is frozen, or whose threads are all taken, lets it grow old.
/// </summary>
/// <remarks>
/// Like the dashboard's <c>/healthz</c> it says nothing about the database: an outage is no reason to restart anybody. The children of <c>up</c> write none;
/// it restarts them itself.
/// </remarks>
public sealed partial class HealthFile : BackgroundService
{
    /// <summary>The environment variable that names the file.</summary>
    public const string Variable = "CHANGEDETECTION_HEALTH_FILE";

    /// <summary>How often the file is written. Six times that is an age at which something is wrong.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly string _path;
    private readonly Task _ready;
    private readonly TimeSpan _every;
    private readonly ILogger<HealthFile> _logger;
    private bool _failed;

    /// <param name="ready">Ends when the process is ready.</param>
    /// <param name="every">Other than <see cref="Every"/>, for tests.</param>
    /// <exception cref="SettingsException">The path is not absolute, or nothing can be written there.</exception>
    internal HealthFile(string path, Task ready, ILogger<HealthFile> logger, TimeSpan? every = null)
    {
        if (!Path.IsPathFullyQualified(path))
            throw new SettingsException($"{Variable} is '{path}', which is no absolute path. Write it like /tmp/changedetection-ready.");
        (_path, _ready, _logger, _every) = (path, ready, logger, every ?? Every);
        try
        {
            // Under another name: this one would say that we are ready. One that another process left would say so too.
            Write(path + ".try");
            File.Delete(path + ".try");
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException(
                $"{Variable}: '{path}' cannot be written: {error.Message} Name a file in a folder of this account, on a tmpfs.", error);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _ready.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(_every);
        do
        {
            Renew();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            File.Delete(_path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            NotWritten(_logger, _path, error.Message);
        }
    }

    private void Renew()
    {
        try
        {
            Write(_path);
            _failed = false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The check will fail, and whoever looks why finds this; work goes on.
            if (!_failed)
                NotWritten(_logger, _path, error.Message);
            _failed = true;
        }
    }

    private static void Write(string path) => File.WriteAllText(path, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");

    [LoggerMessage(60, LogLevel.Warning, "the health file '{Path}' cannot be written: {Reason}")]
    private static partial void NotWritten(ILogger logger, string path, string reason);
}

/// <summary>Adds the file to a process.</summary>
public static class HealthFileSetup
{
    private const string Key = "Health_File";

    /// <summary>Added last: services stop in the opposite order, so the file goes before anything else does.</summary>
    /// <param name="ready">What to wait for; null: the process is ready when everything that was added before has started.</param>
    public static IServiceCollection AddHealthFile(
        this IServiceCollection services, IConfiguration settings, Func<IServiceProvider, Task>? ready = null)
    {
        if (string.IsNullOrWhiteSpace(settings[Key]) || Environment.GetEnvironmentVariable(ParentPipe.Variable) is not null)
            return services;
        return services.AddHostedService(provider => new HealthFile(
            settings[Key]!, ready?.Invoke(provider) ?? Task.CompletedTask, provider.GetRequiredService<ILogger<HealthFile>>()));
    }
}
