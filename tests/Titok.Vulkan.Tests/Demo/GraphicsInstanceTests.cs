using System.Runtime.InteropServices;
using Silk.NET.Vulkan;
using Titok.Demo;
using Titok.Demo.Graphics;
using Titok.Demo.Making;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>Which version of Vulkan the window asks for.</summary>
[Collection(GpuCollection.Name)]
public sealed class GraphicsInstanceTests(WindowTests.SmallModel model) : IClassFixture<WindowTests.SmallModel>
{
    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    public void ItIsThatOfTheLoaderWithinLimits(uint newest, uint expected)
    {
        var loader = new OtherLoader(newest);
        using var instance = new GraphicsInstance([], new VulkanLoader(loader.Pointer));
        Assert.Equal(Vk.MakeVersion(1, expected), instance.ApiVersion);
        Assert.Equal(instance.ApiVersion, loader.Asked);
    }

    /// <summary>It takes an instance for one of Vulkan 1.2 unless told, and leaves out what wants more.</summary>
    [Fact]
    public void TheLibraryIsTold()
    {
        using var instance = new GraphicsInstance([]);
        GraphicsAdapter adapter = GraphicsAdapter.All(instance, null)[0];
        uint available = instance.Vk.GetPhysicalDeviceProperties(adapter.Handle).ApiVersion;
        Assert.SkipWhen(Math.Min(available, instance.ApiVersion) < Vk.Version13, "The loader or the driver has no Vulkan 1.3.");
        using var device = new GraphicsDevice(instance, adapter, presents: false);
        var options = new DemoOptions { TokenizerPath = model.Folder, GeneratorPath = model.Folder, Model = TitokModelInfo.Read(model.Folder) };
        using TitokModel loaded = TitokModel.Load(device, options, 1, TestContext.Current.CancellationToken);
        Assert.Equal("1.3.0", loaded.Device.ApiVersion);
    }

    /// <summary>The system's loader, but for the version that it says it has.</summary>
    private sealed unsafe class OtherLoader
    {
        private readonly delegate* unmanaged[Cdecl]<nint, byte*, nint> _loader = (delegate* unmanaged[Cdecl]<nint, byte*, nint>)VulkanFunctions.LoadGetInstanceProcAddr();
        private readonly Delegate[] _kept;

        /// <param name="minor">The newest version 1.x; loaders of 1.0 have no function that tells it.</param>
        public OtherLoader(uint minor)
        {
            var version = new EnumerateVersion(newest =>
            {
                *newest = Vk.MakeVersion(1, minor, 200);
                return Result.Success;
            });
            var create = new CreateInstance((info, allocator, instance) =>
            {
                Asked = info->PApplicationInfo->ApiVersion;
                return ((delegate* unmanaged[Cdecl]<InstanceCreateInfo*, nint, nint, Result>)Real("vkCreateInstance"))(info, allocator, instance);
            });
            var get = new GetProcAddr((instance, name) => NativeStrings.Read(name) switch
            {
                "vkEnumerateInstanceVersion" => minor == 0 ? 0 : Marshal.GetFunctionPointerForDelegate(version),
                "vkCreateInstance" => Marshal.GetFunctionPointerForDelegate(create),
                _ => _loader(instance, name),
            });
            _kept = [version, create, get];
            Pointer = Marshal.GetFunctionPointerForDelegate(get);
        }

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate nint GetProcAddr(nint instance, byte* name);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate Result EnumerateVersion(uint* version);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate Result CreateInstance(InstanceCreateInfo* info, nint allocator, nint instance);

        /// <summary>vkGetInstanceProcAddr.</summary>
        public nint Pointer { get; }

        /// <summary>The version that an instance was made with.</summary>
        public uint Asked { get; private set; }

        private nint Real(string name)
        {
            using var text = new NativeStrings([name]);
            return _loader(0, text.Pointers[0]);
        }
    }
}
