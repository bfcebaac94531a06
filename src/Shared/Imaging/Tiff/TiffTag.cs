namespace ChangeDetection.Imaging.Tiff;

/// <summary>The tags of TIFF 6.0, GeoTIFF 1.1 and GDAL that scenes are read and written with.</summary>
internal static class TiffTag
{
    public const int NewSubfileType = 254, ImageWidth = 256, ImageLength = 257, BitsPerSample = 258, Compression = 259, Photometric = 262, FillOrder = 266,
        StripOffsets = 273, SamplesPerPixel = 277, RowsPerStrip = 278, StripByteCounts = 279, PlanarConfiguration = 284, Predictor = 317, ColorMap = 320,
        TileWidth = 322, TileLength = 323, TileOffsets = 324, TileByteCounts = 325, ExtraSamples = 338, SampleFormat = 339, JpegTables = 347,
        ModelPixelScale = 33550, ModelTiepoint = 33922, ModelTransformation = 34264, GeoKeyDirectory = 34735, GeoDoubleParams = 34736,
        GeoAsciiParams = 34737, GdalMetadata = 42112, GdalNoData = 42113;

    public static string Name(int tag) => tag switch
    {
        StripOffsets => "StripOffsets",
        StripByteCounts => "StripByteCounts",
        TileOffsets => "TileOffsets",
        TileByteCounts => "TileByteCounts",
        ModelPixelScale => "ModelPixelScale",
        ModelTiepoint => "ModelTiepoint",
        ModelTransformation => "ModelTransformation",
        GeoKeyDirectory => "GeoKeyDirectory",
        GeoDoubleParams => "GeoDoubleParams",
        GeoAsciiParams => "GeoAsciiParams",
        GdalNoData => "GDAL_NODATA",
        BitsPerSample => "BitsPerSample",
        SampleFormat => "SampleFormat",
        _ => $"tag {tag}",
    };
}
