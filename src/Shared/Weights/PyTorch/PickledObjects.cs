using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.PyTorch;

/// <summary>Numbers in a record of the file: <paramref name="Count"/> of them in <c>data/KEY</c>.</summary>
internal sealed record PickledStorage(TensorType Type, string Key, long Count);

/// <summary>A view of a storage: the value at index (i, j, …) is its number <paramref name="Offset"/> + i · stride + ….</summary>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, IReadOnlyList<long> Shape, IReadOnlyList<long> Strides);

/// <summary>A dictionary, ordered or not. Keys are text, whole numbers, truth values or nothing.</summary>
internal sealed class PickledDictionary
{
    private static readonly object s_none = new();
    private readonly Dictionary<object, object?> _entries = [];

    public IEnumerable<KeyValuePair<object, object?>> Entries => _entries;

    public object? this[string key] => _entries.GetValueOrDefault(key);

    public void Set(object? key, object? value) => _entries[key ?? s_none] = value;

    public static bool IsKey(object? key) => key is null or string or long or bool;
}

internal sealed class PickledList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A number of NumPy's, such as the best score of a training loop, or a part of how one is written: looked at by nobody.</summary>
internal sealed class PickledNumber;

/// <summary>Something that a pickle may name: no code of Python's, but one of the few words of <see cref="PickleGlobals"/>.</summary>
internal abstract record PickledGlobal
{
    public sealed record OrderedDictionary : PickledGlobal;
    public sealed record RebuildTensor : PickledGlobal;
    public sealed record RebuildParameter : PickledGlobal;
    /// <summary>What NumPy's numbers are made by: whatever it is called with, a <see cref="PickledNumber"/> comes of it.</summary>
    public sealed record Number : PickledGlobal;
    public sealed record Storage(TensorType Type) : PickledGlobal;
}

/// <summary>The globals that a state dictionary needs, and the numbers that stand beside one. Any other is refused by its name.</summary>
internal static class PickleGlobals
{
    private static readonly Dictionary<string, PickledGlobal> s_known = new(StringComparer.Ordinal)
    {
        ["collections.OrderedDict"] = new PickledGlobal.OrderedDictionary(),
        ["torch._utils._rebuild_tensor_v2"] = new PickledGlobal.RebuildTensor(),
        ["torch._utils._rebuild_parameter"] = new PickledGlobal.RebuildParameter(),
        ["numpy.core.multiarray.scalar"] = new PickledGlobal.Number(),
        ["numpy._core.multiarray.scalar"] = new PickledGlobal.Number(),
        ["numpy.dtype"] = new PickledGlobal.Number(),
        // The number's bytes as text, in protocol 2.
        ["_codecs.encode"] = new PickledGlobal.Number(),
        ["torch.FloatStorage"] = new PickledGlobal.Storage(TensorType.F32),
        ["torch.DoubleStorage"] = new PickledGlobal.Storage(TensorType.F64),
        ["torch.HalfStorage"] = new PickledGlobal.Storage(TensorType.F16),
        ["torch.BFloat16Storage"] = new PickledGlobal.Storage(TensorType.BF16),
        ["torch.LongStorage"] = new PickledGlobal.Storage(TensorType.I64),
        ["torch.IntStorage"] = new PickledGlobal.Storage(TensorType.I32),
        ["torch.ShortStorage"] = new PickledGlobal.Storage(TensorType.I16),
        ["torch.CharStorage"] = new PickledGlobal.Storage(TensorType.I8),
        ["torch.ByteStorage"] = new PickledGlobal.Storage(TensorType.U8),
        ["torch.BoolStorage"] = new PickledGlobal.Storage(TensorType.BOOL),
    };

    /// <summary>Null for one that is not known.</summary>
    public static PickledGlobal? Find(string module, string name) => s_known.GetValueOrDefault($"{module}.{name}");

    /// <summary>The name of the storage of such numbers, below <c>torch</c>.</summary>
    public static string StorageName(TensorType type) =>
        s_known.Single(known => known.Value is PickledGlobal.Storage { Type: var other } && other == type).Key["torch.".Length..];
}
