using System.Formats.Tar;
using System.Text;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Shards.Tars;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Datasets.Tests.Indexing;

/// <summary>Tars that lie, stop early, are huge, or are none.</summary>
public sealed class HostileTarTests : IDisposable
{
    private readonly ForeignTars _tars = new();

    public void Dispose() => _tars.Dispose();

    [Theory]
    [InlineData(1L << 33, "the largest that a ustar tar can hold has 8589934591")]
    [InlineData(1L << 62, "the largest that a ustar tar can hold")]
    [InlineData((1L << 33) - 1, "8589934591 bytes are declared at offset 512, and 1536 are there")]
    public async Task Index_AMemberLargerThanThereIs_IsRefusedByName(long size, string rule)
    {
        WriteBytes(ForeignTars.Header("huge.before.png", size), new byte[1536]);
        var message = await _tars.RefusedAsync<ShardCorruptException>();
        Assert.Contains("train.tar", message);
        Assert.Contains("'huge.before.png'", message);
        Assert.Contains(rule, message);
    }

    [Fact]
    public async Task Index_AMemberAbove8GiBThatIsReallyThere_IsRefusedByName()
    {
        var header = ForeignTars.Header("huge.before.png", 1L << 33);
        WriteBytes(header);
        using (var file = File.OpenWrite(_tars["train.tar"]))
            file.SetLength((1L << 33) + 4096);
        Assert.Contains("holds the member 'huge.before.png' of 8589934592 bytes; the largest", await _tars.RefusedAsync<ShardCorruptException>());
    }

    [Fact]
    public async Task Index_AnExtendedHeaderThatDeclaresGigabytes_IsRefusedWithinLittleMemory()
    {
        WriteBytes(ForeignTars.Header("pax", (1L << 31) - 100, 'x'), new byte[512]);
        using (var file = File.OpenWrite(_tars["train.tar"]))
            file.SetLength(1L << 32);
        var before = GC.GetTotalAllocatedBytes();
        Assert.Contains("has an extended header of 2147483548 bytes at offset 0", await _tars.RefusedAsync<ShardCorruptException>());
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 4 << 20);
    }

    [Theory]
    [InlineData('1'), InlineData('2'), InlineData('3'), InlineData('6'), InlineData('S')]
    public async Task Index_ALinkOrDevice_IsRefusedByName(char type)
    {
        WriteBytes(ForeignTars.Header("a.before.png", 0, type), new byte[1024]);
        var message = await _tars.RefusedAsync<ShardCorruptException>();
        Assert.Contains($"'a.before.png' of the kind '{type}'", message);
    }

    [Fact]
    public async Task Index_ACutTar_IsRefusedWhereverItIsCut()
    {
        _tars.Write("train.tar", [.. ForeignTars.Sample("a"), .. ForeignTars.Sample("b")]);
        var whole = File.ReadAllBytes(_tars["train.tar"]);
        // The two empty blocks at the end: one alone is enough.
        for (var length = 1; length <= whole.Length - 1024; length += 61)
        {
            File.WriteAllBytes(_tars["train.tar"], whole[..length]);
            Assert.Contains("train.tar", await _tars.RefusedAsync<ShardCorruptException>());
        }
        File.WriteAllBytes(_tars["train.tar"], whole[..^1024]);
        Assert.Contains("it is probably cut", await _tars.RefusedAsync<ShardCorruptException>());
        File.WriteAllBytes(_tars["train.tar"], [.. whole, .. whole]);
        Assert.Contains("has data behind its end", await _tars.RefusedAsync<ShardCorruptException>());
    }

    [Fact]
    public async Task Index_AnyFlippedBitOfAHeader_IsRefused()
    {
        _tars.Write("train.tar", TarEntryFormat.Ustar, ForeignTars.Sample("a"));
        var whole = File.ReadAllBytes(_tars["train.tar"]);
        for (var bit = 0; bit < 512 * 8; bit += 7)
        {
            var damaged = (byte[])whole.Clone();
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            File.WriteAllBytes(_tars["train.tar"], damaged);
            Assert.Contains("train.tar", await _tars.RefusedAsync<ShardCorruptException>());
        }
    }

    [Theory]
    [InlineData("7 a=b"), InlineData("99999999999 path=x\n"), InlineData("-5 path=x\n"), InlineData("12 size=-1\n\n"), InlineData("path=x\n")]
    public async Task Index_AnExtendedHeaderThatIsNone_IsRefused(string records)
    {
        var data = new byte[512];
        Encoding.ASCII.GetBytes(records, data);
        WriteBytes(ForeignTars.Header("pax", records.Length, 'x'), data, ForeignTars.Header("a.before.png", 0), new byte[1024]);
        Assert.Contains("that is no list of records", await _tars.RefusedAsync<ShardCorruptException>());
    }

    [Fact]
    public async Task Index_ATarAboveTwoGiB_IsReadBehindThem()
    {
        // Sparse: the file system stores the little that is written.
        const long large = 1_200_000_000;
        using (SafeFileHandle file = File.OpenHandle(_tars["train.tar"], FileMode.Create, FileAccess.Write))
        {
            var at = 0L;
            Put("a.big1", large, []);
            Put("a.big2", large, []);
            foreach (var (name, data) in ForeignTars.Sample("b").Concat(ForeignTars.Sample("c")))
                Put(name, data.Length, data);
            foreach (var (name, data) in ForeignTars.Sample("a2"))
                Put(name, data.Length, data);
            RandomAccess.Write(file, new byte[1024], at);

            void Put(string name, long size, byte[] data)
            {
                RandomAccess.Write(file, ForeignTars.Header(name.StartsWith("a.big", StringComparison.Ordinal) ? "b." + name[2..] : name, size), at);
                RandomAccess.Write(file, data, at + 512);
                at += 512 + (size + 511) / 512 * 512;
            }
        }
        await _tars.IndexAsync();
        var dataset = await ShardDataset.OpenAsync(_tars.Store, CancellationToken.None);
        var index = await dataset.ReadIndexAsync(dataset.Manifest.Splits["train"].Shards[0], CancellationToken.None);
        var field = index.Find(1, SampleFields.Mask)!.Value;
        Assert.True(field.Offset > int.MaxValue);
        Assert.Equal(ForeignTars.Mask, await dataset.ReadFieldAsync(index, 1, field, CancellationToken.None));
    }

    [Fact]
    public async Task Walk_WhatSystemFormatsTarWrites_HasTheSameOffsets()
    {
        var long1 = $"{new string('a', 90)}/{new string('b', 120)}.png";
        foreach (var format in new[] { TarEntryFormat.Ustar, TarEntryFormat.Pax, TarEntryFormat.Gnu })
        {
            _tars.Write("t.tar", format, ("x/y.png", [1, 2, 3]), (format == TarEntryFormat.Ustar ? "p.png" : long1, new byte[700]), ("z.json", []));
            var expected = new List<TarMember>();
            using (var reader = new TarReader(File.OpenRead(_tars["t.tar"])))
            {
                while (reader.GetNextEntry() is { } entry)
                    expected.Add(new(entry.Name, entry.DataOffset, entry.Length));
            }
            using var stream = File.OpenRead(_tars["t.tar"]);
            using var walk = new TarWalk(stream, stream.Length);
            var found = new List<TarMember>();
            while (await walk.NextAsync(CancellationToken.None) is { } member)
                found.Add(member);
            Assert.Equal(expected, found);
        }
    }

    private void WriteBytes(params byte[][] parts) => File.WriteAllBytes(_tars["train.tar"], [.. parts.SelectMany(part => part)]);
}
