using System.Net;
using System.Threading.RateLimiting;

namespace ChangeDetection.Dashboard.Access;

/// <summary>
/// How many wrong tokens are looked up: some from one address, some more from all together. Addresses are told apart by a number of some hundred, so that
/// nobody's many addresses take memory; of IPv6 the first half counts, which is what one household has.
/// </summary>
public sealed class SignInLimiter : IDisposable
{
    /// <summary>Of one address, in a minute.</summary>
    public const int PerAddress = 10;
    /// <summary>Of everybody, in a minute.</summary>
    public const int Altogether = 200;

    private const int Partitions = 1024;
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<IPAddress, int>(_ => RateLimitPartition.GetFixedWindowLimiter(0, _ => Window(Altogether))),
        PartitionedRateLimiter.Create<IPAddress, int>(address => RateLimitPartition.GetFixedWindowLimiter(PartitionOf(address), _ => Window(PerAddress))));

    /// <summary>Whether another token from this address may be looked up.</summary>
    public bool MayTry(IPAddress? address)
    {
        using var lease = _limiter.AttemptAcquire(address ?? IPAddress.None, permitCount: 0);
        return lease.IsAcquired;
    }

    /// <summary>Counts a token that was wrong.</summary>
    public void Failed(IPAddress? address) => _limiter.AttemptAcquire(address ?? IPAddress.None).Dispose();

    public void Dispose() => _limiter.Dispose();

    internal static int PartitionOf(IPAddress address)
    {
        var bytes = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
        var hash = new HashCode();
        hash.AddBytes(bytes.AsSpan(0, Math.Min(bytes.Length, 8)));
        return (int)((uint)hash.ToHashCode() % Partitions);
    }

    private static FixedWindowRateLimiterOptions Window(int permits) => new() { PermitLimit = permits, Window = s_minute, QueueLimit = 0 };
}
