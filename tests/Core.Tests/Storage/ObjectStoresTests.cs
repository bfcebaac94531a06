using System.Net;
using ChangeDetection.Core.Storage;
using ChangeDetection.Core.Storage.Remote;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Storage;

public sealed class ObjectStoresTests
{
    [Theory]
    [InlineData("ftp://host/x", "file")]
    [InlineData("file://data/x", "file:///data/x")]
    [InlineData("file:///x?y=1", "query")]
    public void Open_UriOfNoStore_SaysWhatIsThere(string uri, string said)
    {
        var error = Assert.Throws<StoreUriException>(() => ObjectStores.Open(new Uri(uri)));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://user:secret@host/x")]
    [InlineData("https://host/x?sig=secret")]
    [InlineData("az://container/x?sv=1&sig=secret")]
    [InlineData("s3://bucket/x#secret")]
    public void Open_UriWithWhatMayBeASecret_RefusesItWithoutRepeatingIt(string uri)
    {
        var error = Assert.Throws<StoreUriException>(() => ObjectStores.Open(new Uri(uri)));
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3://bucket:9000/x", "BUCKET")]
    [InlineData("s3:///x", "BUCKET")]
    [InlineData("s3://bucket/a//b", "empty segment")]
    [InlineData("s3://bucket/%2e%2e%2fx", "leave its folder")]
    [InlineData("s3://bucket/x%00", "U+0000")]
    [InlineData("az://container/-x", "'-'")]
    public void Open_BucketOrPrefixThatCannotBe_SaysWhy(string uri, string said)
    {
        var error = Assert.Throws<StoreUriException>(() => ObjectStores.Open(new Uri(uri)));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AZURE_STORAGE_CONNECTION_STRING", "AccountName=x;AccountKey=c2VjcmV0;nonsense")]
    [InlineData("AZURE_STORAGE_KEY", "no base64: secret")]
    public void Azure_SettingsThatAreNotOfTheirForm_AreNamedAndNotRepeated(string variable, string value)
    {
        var environment = new Dictionary<string, string> { ["AZURE_STORAGE_ACCOUNT"] = "account", [variable] = value };
        var error = Assert.Throws<StoreUriException>(
            () => AzureContainer.At(new Uri("az://container/x"), new StorageSettings(), environment.GetValueOrDefault));
        Assert.Contains(variable, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(value, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Azure_WithoutAnAccount_SaysWhatToSet()
    {
        var error = Assert.Throws<StoreUriException>(() => AzureContainer.At(new Uri("az://container/x"), new StorageSettings(), _ => null));
        Assert.Contains("AZURE_STORAGE_CONNECTION_STRING", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1.1.1", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("172.32.0.1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.100.100.200", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("64:ff9b::a9fe:a9fe", false)]
    [InlineData("2002:a9fe:a9fe::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00:ec2::254", false)]
    public void PublicAddresses_AreThoseOfTheInternetAlone(string address, bool isPublic) =>
        Assert.Equal(isPublic, PublicAddresses.Includes(IPAddress.Parse(address)));

    [Theory]
    [InlineData("plain")]
    [InlineData("with space")]
    [InlineData("100% #1?ü")]
    public async Task Open_FileUri_RoundTripsItsRoot(string name)
    {
        using var folder = new TemporaryFolder();
        var store = new FileObjectStore(folder[name]);
        await store.PutAsync(new ObjectKey("a"), (_, _) => Task.CompletedTask, TestContext.Current.CancellationToken);
        Assert.True(File.Exists(Path.Combine(folder[name], "a")));
        var again = ObjectStores.Open(new Uri(store.Root.AbsoluteUri));
        Assert.Equal(0, await again.LengthAsync(new ObjectKey("a"), TestContext.Current.CancellationToken));
    }
}
