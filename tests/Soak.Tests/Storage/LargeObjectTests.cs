using ChangeDetection.Core.Tests.Storage;
using ChangeDetection.TestKit.Objects;

namespace ChangeDetection.Soak.Tests.Storage;

[Collection(Lanes.OneThread)]
public sealed class LargeObjectTests(S3Server s3, AzuriteServer azurite)
{
    private const long Length = (5L << 30) + 12_345;

    [Theory]
    [InlineData(FaultyLine.S3)]
    [InlineData(FaultyLine.Azure)]
    [InlineData(FaultyLine.Http)]
    public Task Put_MoreThanFiveGibibytes_ReadsBackTheSameBytesInBoundedMemory(string backend) =>
        Core.Tests.Storage.LargeObjectTests.PutAndReadAsync(backend, Length, s3, azurite);
}
