namespace ChangeDetection.Weights.Export;

/// <summary>What a convolution is beside its weights. It keeps the size, or divides it by the stride; a transposed one multiplies it.</summary>
/// <param name="Kernel">Its height and width.</param>
/// <param name="Stride">1 or 2.</param>
/// <param name="Groups">Into how many the channels are divided.</param>
/// <param name="HasBias">Whether it adds one.</param>
/// <param name="Transposed">Weight [in, out, k, k] instead of [out, in / groups, k, k].</param>
internal sealed record ConvolutionShape(int Kernel, int Stride, long Groups, bool HasBias, bool Transposed)
{
    /// <summary>Rows of zeros above, and columns to the left. Of a transposed one: rows and columns that are cut off.</summary>
    public int PaddingBefore => (Kernel - 1) / 2;

    /// <summary>The same below and to the right. An even kernel of stride 1 has one more there, as Keras's <c>same</c> has.</summary>
    public int PaddingAfter => Kernel % 2 == 1 || Stride == 1 ? Kernel / 2 : 0;

    /// <summary>Of a transposed one: rows and columns added so that the size is a multiple again.</summary>
    public int OutputPadding => Kernel % 2 == 1 ? Stride - 1 : 0;
}
