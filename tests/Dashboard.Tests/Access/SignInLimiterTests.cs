using System.Net;
using ChangeDetection.Dashboard.Access;

namespace ChangeDetection.Dashboard.Tests.Access;

public sealed class SignInLimiterTests
{
    [Fact]
    public void Address_ThatFailedTooOften_Waits_AndOthersDoNot()
    {
        using var limiter = new SignInLimiter();
        var (one, other) = (Apart(0), Apart(1));
        for (var time = 0; time < SignInLimiter.PerAddress; time++)
        {
            Assert.True(limiter.MayTry(one));
            limiter.Failed(one);
        }
        Assert.False(limiter.MayTry(one));
        Assert.True(limiter.MayTry(other));
    }

    [Fact]
    public void Looking_CostsNothing()
    {
        using var limiter = new SignInLimiter();
        for (var time = 0; time < 3 * SignInLimiter.Altogether; time++)
            Assert.True(limiter.MayTry(IPAddress.Loopback));
    }

    [Fact]
    public void ManyAddresses_TogetherWait()
    {
        using var limiter = new SignInLimiter();
        for (var address = 0; address < SignInLimiter.Altogether; address++)
            limiter.Failed(Apart(address));
        Assert.False(limiter.MayTry(Apart(SignInLimiter.Altogether)));
    }

    [Fact]
    public void Addresses_OfOneHousehold_AreOne_AndAllTogetherAreFew()
    {
        Assert.Equal(SignInLimiter.PartitionOf(IPAddress.Parse("2001:db8::1")), SignInLimiter.PartitionOf(IPAddress.Parse("2001:db8::ffff:2")));
        Assert.Equal(SignInLimiter.PartitionOf(IPAddress.Parse("192.0.2.1")), SignInLimiter.PartitionOf(IPAddress.Parse("::ffff:192.0.2.1")));
        var partitions = Enumerable.Range(0, 100_000).Select(number => SignInLimiter.PartitionOf(new IPAddress(number))).ToHashSet();
        Assert.InRange(partitions.Count, 2, 1024);
    }

    /// <summary>The n-th address that shares its number with none before it, as far as that goes.</summary>
    private static IPAddress Apart(int n)
    {
        var taken = new HashSet<int>();
        for (var number = 0L; ; number++)
        {
            var address = new IPAddress(number);
            if (taken.Add(SignInLimiter.PartitionOf(address)) && taken.Count == n + 1)
                return address;
        }
    }
}
