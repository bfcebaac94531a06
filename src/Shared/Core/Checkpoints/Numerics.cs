namespace ChangeDetection.Core.Checkpoints;

/// <summary>What decides the bits of a result.</summary>
/// <param name="Libtorch">Version of libtorch.</param>
/// <param name="Threads">Compute threads.</param>
/// <param name="Isa">Instruction set the kernels dispatch to, such as <c>avx2</c>.</param>
/// <param name="Device"><c>cpu</c> or the GPU's name.</param>
public sealed record Numerics(string Libtorch, int Threads, string Isa, string Device);
