namespace ChangeDetection.Core.Runs;

/// <summary>
/// A row of <c>strips</c>: rows of a scene, or a pair of a batch, that an attempt of a predict run has finished, and the object that holds what it found there.
/// </summary>
/// <param name="Strip">Its number, from 0 on, from the top; of a batch the pair's.</param>
/// <param name="FirstRow">Its first row in the scene; of a batch the pair's number.</param>
/// <param name="Rows">How many; of a batch 1.</param>
/// <param name="Sha256">Of the object, in lower-case hexadecimal.</param>
public sealed record StoredStrip(int Strip, int FirstRow, int Rows, string ObjectKey, long Bytes, string Sha256);
