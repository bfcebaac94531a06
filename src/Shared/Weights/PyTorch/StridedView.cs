using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.PyTorch;

/// <summary>Makes row-major bytes of a view of a storage, which may have any strides and share the storage with other views.</summary>
/// <param name="budget">
/// Bytes that may be copied for all views together: those in row-major order cost nothing, and a view of a few bytes can claim to be of any size.
/// </param>
internal sealed class StridedView(string subject, long budget)
{
    private const int MaxRank = 8;
    private long _left = budget;

    /// <param name="storage">The storage's bytes, all of them.</param>
    /// <exception cref="CheckpointInvalidException">The view reaches beyond its storage, or is absurd in itself.</exception>
    public ReadOnlyMemory<byte> Rows(string name, PickledTensor view, ReadOnlyMemory<byte> storage)
    {
        var size = view.Storage.Type.Size();
        var count = Count(name, view);
        if (count == 0)
            return default;
        if (IsRowMajor(view))
            return storage.Slice((int)(view.Offset * size), (int)(count * size));
        if (count * size > _left)
            throw Refuse(name, "takes more memory than the whole file: its strides repeat the same values");
        _left -= count * size;
        var rows = new byte[count * size];
        Copy(view, storage.Span, rows, size);
        return rows;
    }

    /// <summary>How many values the view has, each of which is in the storage.</summary>
    private long Count(string name, PickledTensor view)
    {
        if (view.Shape.Count != view.Strides.Count || view.Shape.Count > MaxRank)
            throw Refuse(name, $"has {view.Shape.Count} dimensions and {view.Strides.Count} strides; as many, and at most {MaxRank}, are possible");
        if (view.Offset < 0 || view.Shape.Concat(view.Strides).Any(number => number < 0))
            throw Refuse(name, "has a negative offset, side or stride");
        var (count, last) = ((Int128)1, (Int128)view.Offset);
        for (var i = 0; i < view.Shape.Count; i++)
        {
            count *= view.Shape[i];
            last += (Int128)(view.Shape[i] - 1) * view.Strides[i];
            if (count > int.MaxValue)
                throw Refuse(name, $"claims the shape [{string.Join(", ", view.Shape)}], which is more than can be loaded");
        }
        if (count > 0 && last >= view.Storage.Count)
            throw Refuse(name, $"reaches to value {last} of a storage of {view.Storage.Count}");
        return (long)count;
    }

    private static bool IsRowMajor(PickledTensor view)
    {
        var step = 1L;
        for (var i = view.Shape.Count - 1; i >= 0; i--)
        {
            // What a dimension of one value has for a stride says nothing.
            if (view.Shape[i] != 1 && view.Strides[i] != step)
                return false;
            step *= view.Shape[i];
        }
        return true;
    }

    private static void Copy(PickledTensor view, ReadOnlySpan<byte> storage, Span<byte> rows, int size)
    {
        Span<long> index = stackalloc long[view.Shape.Count];
        var from = view.Offset;
        for (var to = 0; to < rows.Length; to += size)
        {
            storage.Slice((int)(from * size), size).CopyTo(rows[to..]);
            for (var axis = index.Length - 1; axis >= 0; axis--)
            {
                from += view.Strides[axis];
                if (++index[axis] < view.Shape[axis])
                    break;
                from -= view.Strides[axis] * view.Shape[axis];
                index[axis] = 0;
            }
        }
    }

    private CheckpointInvalidException Refuse(string name, string problem) => new(subject, $"tensor {QuotedName.Of(name)} {problem}.");
}
