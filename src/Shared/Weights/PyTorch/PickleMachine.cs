using System.Globalization;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.PyTorch;

/// <summary>
/// Reads a pickle of tensors. A pickle is a program for a stack machine that may name any function of Python and call it; this machine knows the
/// operations of <see cref="PickleCode"/> and the names of <see cref="PickleGlobals"/>, and has nothing to call: calls of those become the records
/// of PickledObjects.cs. It never recurses, and what it holds is bounded by the pickle's length.
/// </summary>
internal sealed class PickleMachine(ReadOnlyMemory<byte> pickle, string subject)
{
    /// <summary>A tensor takes about forty.</summary>
    private const int MaxOperations = 1_000_000;
    private static readonly object s_mark = new();
    private static readonly object?[] s_empty = [];

    private readonly PickleBytes _bytes = new(pickle, subject);
    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];

    /// <summary>The object that the pickle holds.</summary>
    /// <exception cref="CheckpointInvalidException">It asks for anything but tensors and their names, or is damaged.</exception>
    public object? Run()
    {
        for (var done = 0; done < MaxOperations; done++)
        {
            var code = (PickleCode)_bytes.Byte();
            if (code is PickleCode.Stop)
                return Pop();
            if (!Push(code) && !Gather(code) && !Remember(code) && !Call(code))
                throw Refuse(
                    $"it has the pickle operation 0x{(byte)code:x2} at byte {_bytes.At - 1}, which no state dictionary needs: only tensors are " +
                    $"read; nothing was executed. {Remedy}");
        }
        throw Refuse($"its pickle has more than {MaxOperations} operations");
    }

    private const string Remedy = "Save the weights alone: torch.save(model.state_dict(), FILE)";

    /// <summary>Plain values.</summary>
    private bool Push(PickleCode code)
    {
        switch (code)
        {
            case PickleCode.Mark: _stack.Add(s_mark); return true;
            case PickleCode.None: _stack.Add(null); return true;
            case PickleCode.True: _stack.Add(true); return true;
            case PickleCode.False: _stack.Add(false); return true;
            case PickleCode.Int: _stack.Add((long)(int)_bytes.UInt32()); return true;
            case PickleCode.Int1: _stack.Add((long)_bytes.Byte()); return true;
            case PickleCode.Int2: _stack.Add((long)_bytes.UInt16()); return true;
            case PickleCode.Long1: _stack.Add(_bytes.Long(_bytes.Byte())); return true;
            case PickleCode.Float: _stack.Add(_bytes.Double()); return true;
            case PickleCode.Text: _stack.Add(_bytes.Text(_bytes.UInt32())); return true;
            case PickleCode.ShortText: _stack.Add(_bytes.Text(_bytes.Byte())); return true;
            case PickleCode.EmptyTuple: _stack.Add(s_empty); return true;
            case PickleCode.EmptyList: _stack.Add(new PickledList()); return true;
            case PickleCode.EmptyDictionary: _stack.Add(new PickledDictionary()); return true;
            default: return false;
        }
    }

    /// <summary>Tuples, and what fills lists and dictionaries.</summary>
    private bool Gather(PickleCode code)
    {
        switch (code)
        {
            case PickleCode.Tuple1 or PickleCode.Tuple2 or PickleCode.Tuple3:
                var items = new object?[code - PickleCode.Tuple1 + 1];
                for (var i = items.Length - 1; i >= 0; i--)
                    items[i] = Pop();
                _stack.Add(items);
                return true;
            case PickleCode.Tuple:
                _stack.Add(PopToMark());
                return true;
            case PickleCode.Append:
                Fill<PickledList>([Pop()]);
                return true;
            case PickleCode.Appends:
                Fill<PickledList>(PopToMark());
                return true;
            case PickleCode.SetItem:
                var value = Pop();
                Fill<PickledDictionary>([Pop(), value]);
                return true;
            case PickleCode.SetItems:
                Fill<PickledDictionary>(PopToMark());
                return true;
            default:
                return false;
        }
    }

    private void Fill<T>(object?[] items) where T : class
    {
        switch (Peek())
        {
            case PickledList list when typeof(T) == typeof(PickledList):
                list.Items.AddRange(items);
                break;
            case PickledDictionary dictionary when typeof(T) == typeof(PickledDictionary) && items.Length % 2 == 0:
                for (var i = 0; i < items.Length; i += 2)
                {
                    if (!PickledDictionary.IsKey(items[i]))
                        throw Refuse("a key of one of its dictionaries is neither text nor a number");
                    dictionary.Set(items[i], items[i + 1]);
                }
                break;
            default:
                throw Broken();
        }
    }

    /// <summary>The memo: objects by number, to be named again.</summary>
    private bool Remember(PickleCode code)
    {
        switch (code)
        {
            case PickleCode.Put: _memo[_bytes.Byte()] = Peek(); return true;
            case PickleCode.LongPut: _memo[_bytes.UInt32()] = Peek(); return true;
            case PickleCode.Memoize: _memo[_memo.Count] = Peek(); return true;
            case PickleCode.Get: _stack.Add(Recall(_bytes.Byte())); return true;
            case PickleCode.LongGet: _stack.Add(Recall(_bytes.UInt32())); return true;
            case PickleCode.Protocol: _bytes.Byte(); return true;
            case PickleCode.Frame: _bytes.Skip(sizeof(ulong)); return true;
            default: return false;
        }
    }

    private object? Recall(long number) => _memo.TryGetValue(number, out var value) ? value : throw Broken();

    /// <summary>Where Python would call something.</summary>
    private bool Call(PickleCode code)
    {
        switch (code)
        {
            case PickleCode.Global:
                _stack.Add(Global(_bytes.Line(), _bytes.Line()));
                return true;
            case PickleCode.StackGlobal:
                var name = Pop() as string ?? throw Broken();
                _stack.Add(Global(Pop() as string ?? throw Broken(), name));
                return true;
            case PickleCode.PersistentId:
                _stack.Add(Storage(Pop()));
                return true;
            case PickleCode.Reduce:
                var arguments = Pop() as object?[] ?? throw Broken();
                _stack.Add(Reduce(Pop(), arguments));
                return true;
            case PickleCode.Build:
                // The state of an ordered dictionary: its attribute _metadata, versions of modules, which says nothing of the weights; or of a number.
                Pop();
                return Peek() is PickledDictionary or PickledNumber ? true : throw Broken();
            default:
                return false;
        }
    }

    private PickledGlobal Global(string module, string name) => PickleGlobals.Find(module, name)
        ?? throw Refuse($"it asks for the global {QuotedName.Plain($"{module}.{name}")}: only tensors are read; nothing was executed. {Remedy}");

    private PickledStorage Storage(object? id) =>
        id is object?[] and ["storage", PickledGlobal.Storage { Type: var type }, string key, string, long and >= 0 and var count]
        ? new PickledStorage(type, key, count)
        : throw Refuse("one of its persistent ids is not that of a storage");

    private object? Reduce(object? called, object?[] arguments) => (called, arguments) switch
    {
        (PickledGlobal.OrderedDictionary, []) => new PickledDictionary(),
        (PickledGlobal.Number, _) => new PickledNumber(),
        (PickledGlobal.RebuildTensor, [PickledStorage storage, long offset, object?[] shape, object?[] strides, bool, _, ..]) =>
            new PickledTensor(storage, offset, Numbers(shape), Numbers(strides)),
        (PickledGlobal.RebuildParameter, [PickledTensor tensor, bool, _]) => tensor,
        _ => throw Refuse("one of its tensors is not made of a storage, an offset, a shape and strides"),
    };

    private long[] Numbers(object?[] items) => [.. items.Select(item => item is long number ? number : throw Broken())];

    private object? Peek() => _stack.Count > 0 && _stack[^1] != s_mark ? _stack[^1] : throw Broken();

    private object? Pop()
    {
        var top = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private object?[] PopToMark()
    {
        var mark = _stack.FindLastIndex(item => item == s_mark);
        if (mark < 0)
            throw Broken();
        var items = _stack[(mark + 1)..].ToArray();
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private CheckpointInvalidException Broken() =>
        Refuse(string.Create(CultureInfo.InvariantCulture, $"its pickle makes no sense at byte {_bytes.At}; it is damaged"));

    private CheckpointInvalidException Refuse(string problem) => new(subject, problem + ".");
}
