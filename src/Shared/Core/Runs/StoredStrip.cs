namespace ChangeDetection.Core.Runs;

/// <summary>A row of <c>strips</c>: rows of a scene that an attempt of a predict run has finished, and the object that holds what it found there.</summary>
/// <param name="Strip">Its number, from 0 on, from the top.</param>
/// <param name="FirstRow">Its first row in the scene.</param>
/// <param name="Rows">How many.</param>
/// <param name="Sha256">Of the object, in lower-case hexadecimal.</param>
public sealed record StoredStrip(int Strip, int FirstRow, int Rows, string ObjectKey, long Bytes, string Sha256);
