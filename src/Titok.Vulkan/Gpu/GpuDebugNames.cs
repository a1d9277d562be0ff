using System.Text;
using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>Names objects and labels commands for validation messages and frame debuggers; does nothing where that is off.</summary>
internal sealed unsafe class GpuDebugNames
{
    private readonly Device _device;
    private readonly delegate* unmanaged<nint, DebugUtilsObjectNameInfoEXT*, Result> _setName;
    private readonly delegate* unmanaged<nint, DebugUtilsLabelEXT*, void> _beginLabel;
    private readonly delegate* unmanaged<nint, void> _endLabel;

    public GpuDebugNames(VulkanFunctions functions, Device device, bool isOn)
    {
        _device = device;
        if (!isOn
            || !functions.TryGetProcAddress("vkSetDebugUtilsObjectNameEXT", out nint setName)
            || !functions.TryGetProcAddress("vkCmdBeginDebugUtilsLabelEXT", out nint beginLabel)
            || !functions.TryGetProcAddress("vkCmdEndDebugUtilsLabelEXT", out nint endLabel))
            return;
        _setName = (delegate* unmanaged<nint, DebugUtilsObjectNameInfoEXT*, Result>)setName;
        _beginLabel = (delegate* unmanaged<nint, DebugUtilsLabelEXT*, void>)beginLabel;
        _endLabel = (delegate* unmanaged<nint, void>)endLabel;
    }

    public void Name(ObjectType type, ulong handle, string name)
    {
        if (_setName == null)
            return;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            var info = new DebugUtilsObjectNameInfoEXT
            {
                SType = StructureType.DebugUtilsObjectNameInfoExt,
                ObjectType = type,
                ObjectHandle = handle,
                PObjectName = text,
            };
            _setName(_device.Handle, &info);
        }
    }

    public void BeginLabel(CommandBuffer commands, string label)
    {
        if (_beginLabel != null)
            BeginLabel(commands, Encoding.UTF8.GetBytes(label + '\0'));
    }

    /// <summary>The same with a text that ends with NUL, which allocates nothing.</summary>
    public void BeginLabel(CommandBuffer commands, ReadOnlySpan<byte> label)
    {
        if (_beginLabel == null)
            return;
        fixed (byte* text = label)
        {
            var info = new DebugUtilsLabelEXT { SType = StructureType.DebugUtilsLabelExt, PLabelName = text };
            _beginLabel(commands.Handle, &info);
        }
    }

    public void EndLabel(CommandBuffer commands)
    {
        if (_endLabel != null)
            _endLabel(commands.Handle);
    }
}
