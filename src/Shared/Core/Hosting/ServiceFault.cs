using Microsoft.Extensions.Hosting;

namespace ChangeDetection.Core.Hosting;

/// <summary>Finds out why a host stopped that nobody stopped: .NET's ends as if it had been asked to when one of its services fails.</summary>
public static class ServiceFault
{
    /// <summary>What ended the first service that failed; null when none did.</summary>
    /// <param name="services">The host's: it forgets them when it has ended.</param>
    public static Exception? Of(IEnumerable<IHostedService> services) => services.OfType<BackgroundService>()
        .Select(service => service.ExecuteTask?.Exception).OfType<AggregateException>().Select(fault => fault.InnerExceptions[0]).FirstOrDefault();
}
