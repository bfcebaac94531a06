using System.Security.Cryptography;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.PyTorch;
using ChangeDetection.Weights.Tensors;
using CsCheck;

namespace ChangeDetection.Weights.Tests.PyTorch;

[Needs(Resource.Processes)]
public sealed class PyTorchRoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static readonly Gen<TensorData> s_tensor =
        from name in Gen.String[Gen.Char['a', 'z'], 1, 12]
        from type in Gen.Enum<TensorType>()
        from shape in Gen.Long[0, 4].Array[0, 4]
        from bytes in Gen.Byte.Array[(int)shape.Aggregate((long)type.Size(), (product, side) => product * side)]
        select new TensorData(name, type, shape, bytes);

    [Fact]
    public void Read_WhatWasWritten_IsTheSame() => s_tensor.Array[1, 8].Sample(tensors =>
    {
        var distinct = tensors.DistinctBy(tensor => tensor.Name).ToList();
        var read = PyTorchFile.Read(Write(distinct), "test.pth");
        Assert.Empty(read.Notes);
        AssertSame(distinct, read.Tensors);
        Assert.Equal(Write(distinct), Write([.. Enumerable.Reverse(distinct)]));
    }, iter: 300);

    [Fact]
    public void Write_Records_BeginAtMultiplesOfSixtyFour()
    {
        var file = Write([Tensor("a", TensorType.F32, [3], 1), Tensor("b.c", TensorType.I64, [], 2)]);
        using var zip = new System.IO.Compression.ZipArchive(new MemoryStream(file));
        Assert.Equal(
            ["archive/data.pkl", "archive/byteorder", "archive/data/0", "archive/data/1", "archive/version"],
            zip.Entries.Select(entry => entry.FullName));
        Assert.All(new ZipRecords(file, "test").Names, name => Assert.NotEmpty(name));
        Assert.Equal(0, file.AsSpan().IndexOf(Tensor("a", TensorType.F32, [3], 1).Bytes.Span) % 64);
    }

    [Fact]
    public async Task Write_EveryType_IsReadByPyTorchWithWeightsOnly_AndComesBackTheSame()
    {
        var tensors = Enum.GetValues<TensorType>().Select((type, i) => Tensor($"layer{i}.{type}", type, [2, 3 + i], i))
            .Append(Tensor("scalar", TensorType.I64, [], 77)).Append(Tensor("empty", TensorType.F32, [0, 4], 1)).ToList();
        await File.WriteAllBytesAsync(_folder["ours.pth"], Write(tensors), Token);

        var said = await PyTorchPython.RunOrSkipAsync(
            """
            import sys, hashlib, torch
            state = torch.load(sys.argv[1], weights_only=True)
            for name, tensor in state.items():
                raw = (
                    tensor.contiguous().view(-1).view(torch.uint8) if tensor.numel() and tensor.dim()
                    else tensor.reshape(-1).clone().view(torch.uint8) if tensor.numel()
                    else torch.empty(0, dtype=torch.uint8))
                print(name, str(tensor.dtype)[6:], 'x'.join(map(str, tensor.shape)), hashlib.sha256(bytes(raw.tolist())).hexdigest())
            torch.save(state, sys.argv[2])
            """, _folder["ours.pth"], _folder["theirs.pth"]);

        Assert.Equal(
            tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).Select(tensor =>
                $"{tensor.Name} {Torch(tensor.Type)} {string.Join('x', tensor.Shape)} {Convert.ToHexStringLower(SHA256.HashData(tensor.Bytes.Span))}"),
            said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        AssertSame(tensors, (await ReadAsync("theirs.pth")).Tensors);
    }

    /// <summary>What people have: checkpoints of training, DataParallel, parameters, views that share a storage, other protocols of pickle.</summary>
    [Fact]
    public async Task Read_WhatPyTorchWrote_IsRead()
    {
        await PyTorchPython.RunOrSkipAsync(
            """
            import sys, torch
            from collections import OrderedDict
            root = sys.argv[1]
            net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
            torch.manual_seed(1)
            torch.save(net.state_dict(), root + '/plain.pth')
            torch.save(torch.nn.DataParallel(net).state_dict(), root + '/parallel.pth')
            optimizer = torch.optim.Adam(net.parameters()).state_dict()
            torch.save(
                {'epoch': 3, 'best': 0.5, 'names': ['a'], 'shape': (1, 2), 'optimizer': optimizer, 'state_dict': net.state_dict()},
                root + '/checkpoint.pth')
            torch.save({'model': dict(net.named_parameters())}, root + '/parameters.pth')
            for protocol in (3, 4, 5):
                torch.save(net.state_dict(), f'{root}/protocol{protocol}.pth', pickle_protocol=protocol)
            base = torch.arange(24, dtype=torch.float64)
            views = OrderedDict(
                whole=base, part=base[6:12], turned=base.view(4, 6).t(), every=base[::2],
                last=base.view(2, 3, 4).permute(2, 0, 1), wide=base[:3].expand(2, 3))
            torch.save(views, root + '/views.pth')
            torch.save(OrderedDict(w=torch.randn(2, 3, 2, 2).to(memory_format=torch.channels_last)), root + '/channels.pth')
            """, _folder.Path);

        var plain = await ReadAsync("plain.pth");
        Assert.Empty(plain.Notes);
        Assert.Equal(
            ["0.bias", "0.weight", "1.bias", "1.num_batches_tracked", "1.running_mean", "1.running_var", "1.weight"],
            plain.Tensors.Keys.Order(StringComparer.Ordinal));
        var parallel = await ReadAsync("parallel.pth");
        Assert.Contains("module.", Assert.Single(parallel.Notes), StringComparison.Ordinal);
        AssertSame(plain.Tensors.Values, parallel.Tensors);
        var checkpoint = await ReadAsync("checkpoint.pth");
        Assert.Contains("'state_dict'", Assert.Single(checkpoint.Notes), StringComparison.Ordinal);
        AssertSame(plain.Tensors.Values, checkpoint.Tensors);
        AssertSame(
            plain.Tensors.Values.Where(tensor => tensor.Name.EndsWith("weight", StringComparison.Ordinal)
                || tensor.Name.EndsWith("bias", StringComparison.Ordinal)), (await ReadAsync("parameters.pth")).Tensors);
        foreach (var protocol in new[] { 3, 4, 5 })
            AssertSame(plain.Tensors.Values, (await ReadAsync($"protocol{protocol}.pth")).Tensors);

        var views = (await ReadAsync("views.pth")).Tensors;
        Assert.Equal([6, 7, 8, 9, 10, 11], Doubles(views["part"]));
        Assert.Equal([0, 6, 12, 18, 1, 7], Doubles(views["turned"])[..6]);
        Assert.Equal([0, 2, 4], Doubles(views["every"])[..3]);
        Assert.Equal([0, 4, 8, 12, 16, 20, 1], Doubles(views["last"])[..7]);
        Assert.Equal([0, 1, 2, 0, 1, 2], Doubles(views["wide"]));
        Assert.Equal("F32 [2, 3, 2, 2]", (await ReadAsync("channels.pth")).Tensors["w"].Layout);
    }

    /// <summary>Training loops of the field, and the wrappers that torch itself has.</summary>
    [Fact]
    public async Task Read_WhatTrainingLoopsSave_FindsTheNetwork_OrAsksWhichIsMeant()
    {
        await PyTorchPython.RunOrSkipAsync(
            """
            import numpy, sys, torch
            root, best = sys.argv[1], numpy.float64(0.5)
            net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
            other = torch.nn.Linear(2, 2)
            state, parallel = net.state_dict(), torch.nn.DataParallel(net).state_dict()
            torch.save(state, root + '/plain.pth')
            save = lambda name, what: torch.save(what, f'{root}/{name}.pth')
            optimizer = torch.optim.Adam(net.parameters()).state_dict()
            save('gan', {'best_val_acc': best, 'best_epoch_id': numpy.int64(2), 'model_G_state_dict': parallel, 'optimizer_G_state_dict': optimizer})
            save('lightning', {'epoch': 3, 'state_dict': {'model.net.' + k: v for k, v in state.items()}})
            save('compiled', {'_orig_mod.' + k: v for k, v in torch.nn.DataParallel(torch.nn.DataParallel(net)).state_dict().items()})
            save('averaged', torch.optim.swa_utils.AveragedModel(torch.nn.DataParallel(net)).state_dict())
            save('ema', {'ema_state_dict': state, 'step': 7})
            save('two', {'model': state, 'ema': {'module': parallel, 'decay': 0.9}, 'cfg': {'lr': 0.1}})
            save('named', {'generator': {'best.one': state}, 'discriminator': other.state_dict()})
            """, _folder.Path);
        var plain = (await ReadAsync("plain.pth")).Tensors.Values;

        foreach (var (name, said) in ((string, string)[])
            [("gan", "'module.'"), ("lightning", "'model.net.'"), ("compiled", "'_orig_mod.module.module.'"), ("averaged", "n_averaged"),
                ("ema", "'ema_state_dict'")])
        {
            var read = await ReadAsync($"{name}.pth");
            AssertSame(plain, read.Tensors);
            Assert.Contains(read.Notes, note => note.Contains(said, StringComparison.Ordinal));
        }
        AssertSame(plain, (await ReadAsync("two.pth", "model")).Tensors);
        AssertSame(plain, (await ReadAsync("two.pth", "ema.module")).Tensors);
        AssertSame(plain, (await ReadAsync("named.pth", "generator.best.one")).Tensors);
        await RefusedAsync(
            "two.pth", "", "several state dictionaries. Entries with tensors: 'model' (7 tensors), 'ema' (7 tensors). Name the one that is meant: --key");
        await RefusedAsync("two.pth", "emma", "it has no entry 'emma'. Entries with tensors: 'model'");
        await RefusedAsync("two.pth", "cfg", "no state dictionary");
        await RefusedAsync("named.pth", "", "Entries with tensors: 'generator' (7 tensors), 'discriminator' (2 tensors)");

        async Task RefusedAsync(string name, string key, string said) => Assert.Contains(
            said, (await Assert.ThrowsAsync<CheckpointInvalidException>(() => ReadAsync(name, key))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_AKeyOfAFileWithoutEntries_IsRefused()
    {
        await using (var file = File.Create(_folder["w.safetensors"]))
            await Safetensors.WriteAsync(file, [new TensorData("a", TensorType.F32, [1], new byte[4])], Token);

        Assert.Contains(
            "it has no entry 'ema'", (await Assert.ThrowsAsync<CheckpointInvalidException>(() => ReadAsync("w.safetensors", "ema"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_TheFormatBefore16_AndTorchScript_AreRefusedWithTheRemedy()
    {
        await PyTorchPython.RunOrSkipAsync(
            """
            import sys, torch
            torch.save({'a': torch.ones(2)}, sys.argv[1], _use_new_zipfile_serialization=False)
            torch.jit.trace(torch.nn.Conv2d(1, 1, 1), torch.ones(1, 1, 2, 2)).save(sys.argv[2])
            """, _folder["old.pth"], _folder["script.pt"]);
        Assert.Contains(
            "TorchScript archive, which is a program",
            (await Assert.ThrowsAsync<CheckpointInvalidException>(() => ReadAsync("script.pt"))).Message, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<CheckpointInvalidException>(() => ReadAsync("old.pth"));
        Assert.Contains("before version 1.6", error.Message, StringComparison.Ordinal);
        Assert.Contains("torch.save(", error.Message, StringComparison.Ordinal);
    }

    private static double[] Doubles(TensorData tensor) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(tensor.Bytes.Span).ToArray();

    private static string Torch(TensorType type) => type switch
    {
        TensorType.BOOL => "bool",
        TensorType.U8 => "uint8",
        TensorType.BF16 => "bfloat16",
        TensorType.F16 => "float16",
        TensorType.F32 => "float32",
        TensorType.F64 => "float64",
        _ => $"int{8 * type.Size()}",
    };

    /// <summary>A tensor of numbers that are different from each other, each finite.</summary>
    private static TensorData Tensor(string name, TensorType type, long[] shape, int seed)
    {
        var bytes = new byte[shape.Aggregate((long)type.Size(), (product, side) => product * side)];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(type == TensorType.BOOL ? (i + seed) % 2 : (i * 7 + seed * 31 + 1) % 60);
        return new TensorData(name, type, shape, bytes);
    }

    private static byte[] Write(IEnumerable<TensorData> tensors)
    {
        using var stream = new MemoryStream();
        PyTorchFile.WriteAsync(stream, tensors, CancellationToken.None).GetAwaiter().GetResult();
        return stream.ToArray();
    }

    private async Task<WeightsFile> ReadAsync(string name, string key = "")
    {
        await using var file = File.OpenRead(_folder[name]);
        return await WeightsReader.ReadAsync(file, file.Length, name, key, Token);
    }

    private static void AssertSame(IEnumerable<TensorData> expected, IReadOnlyDictionary<string, TensorData> actual)
    {
        var tensors = expected.ToList();
        Assert.Equal(tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        Assert.All(tensors, tensor =>
        {
            Assert.Equal(tensor.Layout, actual[tensor.Name].Layout);
            Assert.True(tensor.Bytes.Span.SequenceEqual(actual[tensor.Name].Bytes.Span), tensor.Name);
        });
    }
}
