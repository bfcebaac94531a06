using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Objects;

namespace ChangeDetection.Soak.Tests.Storage;

[Collection(Lanes.Systems)]
public sealed class BucketSystemTests(PostgresServer postgres, AzuriteServer azurite)
{
    [Fact]
    public async Task Azure_WithItsWorkerKilled_EndsInTheBitsOfARunOnFiles()
    {
        var address = await azurite.AddressOrSkipAsync();
        var environment = AzuriteServer.Environment(address);
        var root = AzuriteServer.NewRoot();
        await Resilience.Tests.Storage.BucketSystemTests.PlayAsync(
            postgres, root, AzuriteServer.Open(new Uri($"{root}/store"), address, new StorageSettings()),
            environment, "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6");
    }
}
