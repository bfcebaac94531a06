namespace ChangeDetection.Datasets.Packing;

/// <summary>What the survey keeps of a planned sample until it is written: some dozens of bytes.</summary>
/// <param name="Sums">Of the files that were looked at: what is written must be the same.</param>
/// <param name="Counts">Pixels of a mask that passes.</param>
internal readonly record struct SurveyedSample(SourceSums Sums, Passing Passing, int Width, int Height, PixelCounts Counts);

/// <summary>Which files of a pair go into the shard as they are.</summary>
internal enum Passing : byte { None, Images, All }
