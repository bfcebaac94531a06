using ChangeDetection.Worker.Devices;


namespace ChangeDetection.Worker.Tests.Devices;

public sealed class LibtorchBuildTests
{
    [Fact]
    public void Parse_ABuildForCuda_NamesItsVersions()
    {
        var build = LibtorchBuild.Parse(
            """
            PyTorch built with:
              - GCC 13.3
              - CUDA Runtime 13.0
              - NVCC architecture flags: -gencode;arch=compute_90,code=sm_90
              - CuDNN 91.5.1
              - Build settings: BLAS_INFO=mkl, TORCH_VERSION=2.11.0, USE_CUDA=ON, 

            """);

        Assert.Equal("2.11.0, CUDA 13.0, cuDNN 91.5.1", build.ToString());
        Assert.Contains("- NVCC architecture flags: -gencode;arch=compute_90,code=sm_90", build.Lines);
    }

    [Fact]
    public void Parse_AnythingElse_NamesNone() => Assert.Equal("of unknown version, without CUDA", LibtorchBuild.Parse("").ToString());
}
