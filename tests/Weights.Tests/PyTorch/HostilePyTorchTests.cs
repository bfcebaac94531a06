using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.PyTorch;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.Tests.PyTorch;

[Needs(Resource.Processes)]
public sealed class HostilePyTorchTests
{
    /// <summary>What one read may take beside the file itself.</summary>
    private const long Budget = 8 << 20;

    [Theory]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch", "load")]
    [InlineData("torch._utils", "_rebuild_tensor_v2.__globals__")]
    [InlineData("collections", "OrderedDict.fromkeys")]
    public void Read_PickleThatNamesAFunction_IsRefusedByItsName(string module, string name)
    {
        var called = $"c{module}\n{name}\n(X\u0004\0\0\0exittR.";
        Refused(Zip(called), $"test.pth: it asks for the global {module}.{name}: only tensors are read; nothing was executed.");
        var stacked = $"X{Length(module)}{module}X{Length(name)}{name}\u0093)R.";
        Refused(Zip(stacked), $"it asks for the global {module}.{name}");
    }

    [Fact]
    public async Task Read_PickleOfPythonsOwnThatRunsACommand_IsRefused_AndNothingRuns()
    {
        using var folder = new TemporaryFolder();
        await Python.RunOrSkipAsync("-c",
            """
            import sys, os, pickle, zipfile
            class Evil:
                def __reduce__(self):
                    return os.system, ('touch ' + sys.argv[1] + '/ran',)
            with zipfile.ZipFile(sys.argv[1] + '/evil.pth', 'w') as z:
                z.writestr('archive/data.pkl', pickle.dumps({'a': Evil()}, 2))
            """, folder.Path);
        Refused(await File.ReadAllBytesAsync(folder["evil.pth"], TestContext.Current.CancellationToken),
            "it asks for the global posix.system: only tensors are read; nothing was executed");
        Assert.False(File.Exists(folder["ran"]));
    }

    [Theory]
    [InlineData("(iposix\nsystem\n.", "0x69")]
    [InlineData("(S'a'\n.", "0x53")]
    [InlineData("ccollections\nOrderedDict\n)\u0081.", "0x81")]
    [InlineData("\u0082\u0001.", "0x82")]
    [InlineData("Px\n.", "0x50")]
    public void Read_OtherOperations_AreRefusedByNumber(string pickle, string said) => Refused(Zip(pickle), said, "nothing was executed");

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("t.")]
    [InlineData("}u.")]
    [InlineData("(.")]
    [InlineData("((((0")]
    [InlineData("h\u0005.")]
    [InlineData("R.")]
    [InlineData("))R.")]
    [InlineData("Q.")]
    [InlineData("NQ.")]
    [InlineData("}(KKu.")]
    [InlineData("}}}s.")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ffa.")]
    [InlineData("\u008a\u00ff.")]
    [InlineData("K\u0001}b.")]
    [InlineData("ctorch\n")]
    public void Read_BrokenPickle_IsRefused(string pickle) => Refused(Zip(pickle));

    [Theory]
    [InlineData("}.", "no state dictionary")]
    [InlineData("}X\u0001\0\0\0aK\u0001s.", "Its keys: 'a'")]
    [InlineData("].", "no state dictionary")]
    public void Read_NothingButOtherThings_IsRefused(string pickle, string said) => Refused(Zip(pickle), said, "torch.save(model.state_dict(), FILE)");

    [Fact]
    public void Read_DictionaryThatHoldsItself_Ends() => Refused(Zip("}q\u0000X\u0005\0\0\0modelh\u0000s."), "no state dictionary");

    [Fact]
    public void Read_ListsInListsInLists_Ends() => Refused(Zip($"{new string(']', 200_000)}{new string('a', 199_999)}."), "no state dictionary");

    [Fact]
    public void Read_EndlessOperations_AreRefused() => Refused(Zip($"}}q\0{string.Concat(Enumerable.Repeat("N0", 600_000))}"), "");

    [Theory]
    [InlineData("K\u0000", "(J\u0000\u0000\u0000\u0040J\u0000\u0000\u0000\u0040t", "(K\u0000K\u0000t", "more than can be loaded")]
    [InlineData("K\u0000", "(J\u0000\u0000\u0000\u0002t", "(K\u0000t", "more memory than the whole file")]
    [InlineData("K\u0000", "(K\u0003t", "(K\u0001t", "reaches to value 2 of a storage of 2")]
    [InlineData("K\u0002", "(K\u0001t", "(K\u0001t", "reaches to value 2")]
    [InlineData("K\u0000", "(K\u0002t", "(\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007ft", "reaches to value 9223372036854775807")]
    [InlineData("J\u00ff\u00ff\u00ff\u00ff", "(K\u0001t", "(K\u0001t", "negative")]
    [InlineData("K\u0000", "(J\u00ff\u00ff\u00ff\u00fft", "(K\u0001t", "negative")]
    [InlineData("K\u0000", "(K\u0001t", ")", "1 dimensions and 0 strides")]
    [InlineData("K\u0000", "(K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001t",
        "(K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001t", "9 dimensions")]
    public void Read_AbsurdView_IsRefusedBeforeMemoryIsTaken(string offset, string shape, string strides, string said) =>
        Refused(Zip(StateOf(Tensor("K\u0002", offset, shape, strides)), ("archive/data/0", new byte[8])), "tensor 'w'", said);

    [Theory]
    [InlineData("K\u0003", "a storage of 3 F32 numbers, but its record has 8 bytes")]
    [InlineData("\u008a\u0005\u0000\u00e4\u000b\u0054\u0002", "a storage of 10000000000 F32 numbers")]
    [InlineData("\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f", "a storage of 9223372036854775807 F32 numbers")]
    public void Read_StorageOfAnotherSizeThanItsRecord_IsRefused(string count, string said) =>
        Refused(Zip(StateOf(Tensor(count, "K\u0000", "(K\u0002t", "(K\u0001t")), ("archive/data/0", new byte[8])), said);

    [Fact]
    public void Read_StorageWithoutARecord_IsRefused() =>
        Refused(Zip(StateOf(Tensor("K\u0002", "K\u0000", "(K\u0002t", "(K\u0001t"))), "'data/0', which the file does not have");

    [Fact]
    public void Read_TheSameTensor_WithoutAnythingWrong_IsRead() =>
        Assert.Equal(
            "F32 [2]",
            Read(Zip(StateOf(Tensor("K\u0002", "K\u0000", "(K\u0002t", "(K\u0001t")), ("archive/data/0", new byte[8]))).Tensors["w"].Layout);

    [Fact]
    public void Read_TorchScript_IsRefusedAsTheProgramItIs() => Refused(Zip("}.", ("archive/constants.pkl", [1])), "TorchScript archive, which is a program");

    [Fact]
    public void Read_BigEndian_IsRefused() => Refused(Zip("}.", ("archive/byteorder", "big"u8.ToArray())), "not little-endian");

    [Fact]
    public void Read_CompressedRecord_IsRefusedUnpacked()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var record = zip.CreateEntry("archive/data.pkl", CompressionLevel.SmallestSize).Open();
            record.Write(new byte[100 << 20]);
        }
        Refused(stream.ToArray(), "compressed or encrypted", "nothing was unpacked");
    }

    [Theory]
    [InlineData("}.", 0)]
    [InlineData("}.", 2)]
    public void Read_NotOneOfPyTorchs_IsRefused(string pickle, int pickles)
    {
        var records = Enumerable.Range(0, pickles).Select(i => ($"folder{i}/data.pkl", Bytes(pickle))).Append(("other.txt", [1]));
        Refused(ZipOf([.. records]), $"it has {pickles} records FOLDER/data.pkl");
    }

    [Fact]
    public void Read_TwoRecordsOfOneName_AreRefused() => Refused(ZipOf(("archive/data.pkl", [1]), ("archive/data.pkl", [2])), "two of its records are named");

    [Fact]
    public void Read_OneBitFlippedInATensor_IsRefused()
    {
        var file = Sound();
        file[Sound().AsSpan().IndexOf(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }) + 3] ^= 16;
        Refused(file, "do not agree with their checksum");
    }

    [Fact]
    public void Read_RecordsThatOverlap_AreRefused() => Refused(WithEntry(Sound(), "archive/data/0", 42, 0u), "another name at its beginning");

    [Fact]
    public void Read_ARecordInsideAnother_IsRefused()
    {
        // A whole zip file as the data of one record; the directory names a record of it.
        var file = ZipOf(("archive/data.pkl", Bytes("}.")), ("archive/data/1", Zip("}.", ("archive/data/0", new byte[8]))), ("archive/data/0", new byte[8]));
        Refused(WithEntry(file, "archive/data/0", 42, (uint)(file.AsSpan().IndexOf("archive/data/0"u8) - 30)), "inside the one before it");
    }

    [Theory]
    [InlineData(24, 10_000_000u)]
    [InlineData(24, uint.MaxValue - 1)]
    public void Read_RecordThatClaimsMoreThanTheFile_IsRefused(int at, uint size)
    {
        var file = WithEntry(WithEntry(Sound(), "archive/data/0", at - 4, size), "archive/data/0", at, size);
        Refused(file, $"claims {size} bytes, more than the file has");
    }

    [Theory]
    [InlineData(10, 0xffffu)]
    [InlineData(12, 0xffffffffu)]
    [InlineData(16, 0xffffffffu)]
    public void Read_DirectoryBeyondTheFile_IsRefused(int at, uint value)
    {
        var file = Sound();
        var end = file.AsSpan(file.Length - 22);
        if (at == 10)
            BinaryPrimitives.WriteUInt16LittleEndian(end[at..], (ushort)value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(end[at..], value);
        Refused(file, "which the file does not have");
    }

    [Fact]
    public void Read_CutShortAnywhere_IsRefused()
    {
        var file = Sound();
        for (var length = 4; length < file.Length; length += 7)
            Refused(file[..length]);
    }

    private static void Refused(byte[] file, params string[] said)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<CheckpointInvalidException>(() => Read(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Budget + 200L * file.Length);
        Assert.StartsWith("test.pth: ", error.Message, StringComparison.Ordinal);
        Assert.All(said, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    private static WeightsFile Read(byte[] file) => PyTorchFile.Read(file, "test.pth");

    private static string Length(string text) => new([(char)text.Length, '\0', '\0', '\0']);

    /// <summary>The dictionary {"w": tensor}.</summary>
    private static string StateOf(string tensor) => $"}}X\u0001\0\0\0w{tensor}s.";

    private static string Tensor(string count, string offset, string shape, string strides) =>
        "ctorch._utils\n_rebuild_tensor_v2\n(" +
        $"(X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpu{count}tQ" +
        $"{offset}{shape}{strides}\u0089ccollections\nOrderedDict\n)RtR";

    /// <summary>Each character is a byte.</summary>
    private static byte[] Bytes(string pickle) => Encoding.Latin1.GetBytes(pickle);

    private static byte[] Zip(string pickle, params (string, byte[])[] more) => ZipOf([("archive/data.pkl", Bytes(pickle)), .. more]);

    private static byte[] ZipOf(params (string Name, byte[] Bytes)[] records)
    {
        using var stream = new MemoryStream();
        ZipWriter.WriteAsync(stream, "", [.. records.Select(record => (record.Name, (ReadOnlyMemory<byte>)record.Bytes))], CancellationToken.None)
            .GetAwaiter().GetResult();
        return stream.ToArray();
    }

    private static byte[] Sound() => Zip(StateOf(Tensor("K\u0002", "K\u0000", "(K\u0002t", "(K\u0001t")), ("archive/data/0", [1, 2, 3, 4, 5, 6, 7, 8]));

    /// <summary>Sets a number of a record's entry in the directory.</summary>
    private static byte[] WithEntry(byte[] file, string name, int at, uint value)
    {
        var entry = file.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(name)) - 46;
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(entry + at), value);
        return file;
    }
}
