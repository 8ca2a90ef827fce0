// SPDX-License-Identifier: Apache-2.0
// Lines as drivers print them, and what each one must be taken for. Every entry of
// hardware/kernel_log.yaml has at least one here.
#pragma once

#include <string_view>

namespace rackproof {

struct FaultLine {
  std::string_view text, cause, severity, part;
};

inline constexpr FaultLine kFaultLines[] = {
    // processes
    {"gemm[412]: segfault at 10 ip 00007f3c4a2b sp 00007ffe3d error 4 in libc.so.6[7f3c+195000]",
     "process.fault", "info", ""},
    {"traps: runner_test[28478] general protection fault ip:7f2ee938b833 sp:7ffe88b17ea8 error:0 "
     "in "
     "libc.so.6[16d833,7f2ee9244000+156000]",
     "process.fault", "info", ""},
    {"traps: a.out[77] trap invalid opcode ip:401136 sp:7ffc2 error:0 in a.out[401000+1000]",
     "process.fault", "info", ""},
    {"traps: a.out[78] trap divide error ip:401136 sp:7ffc2 error:0 in a.out[401000+1000]",
     "process.fault", "info", ""},
    {"stress invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), "
     "order=0, oom_score_adj=0",
     "kernel.oom", "warning", ""},
    {"kworker/u8:2: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP), "
     "nodemask=(null)",
     "kernel.memory_allocation", "warning", ""},
    {"Out of memory: Killed process 2211 (gemm) total-vm:8123456kB, anon-rss:7998000kB, "
     "file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:15000kB oom_score_adj:0",
     "kernel.oom", "warning", ""},
    {"Memory cgroup out of memory: Killed process 911 (python3) total-vm:812kB, anon-rss:79kB",
     "kernel.oom", "warning", ""},
    {"Out of memory: Kill process 2211 (java) score 912 or sacrifice child", "kernel.oom",
     "warning", ""},

    // NVIDIA
    {"NVRM: Xid (PCI:0000:1b:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.",
     "gpu.xid.79", "fatal", "0000:1b:00.0"},
    {"NVRM: Xid (0000:03:00): 13, 0005 00000000 0000502d 00000104 00000000 00000100", "gpu.xid.13",
     "fatal", "0000:03:00.0"},
    {"NVRM: Xid (PCI:0000:9B:00): 48, pid=1867, name=python3, DBE (double bit error) ECC Error",
     "gpu.xid.48", "fatal", "0000:9b:00.0"},
    {"NVRM: Xid (PCI:0000:05:00): 31, pid=1234, name=gemm, Ch 00000010, intr 10000000. MMU Fault: "
     "ENGINE GRAPHICS GPCCLIENT_T1_0 faulted @ 0x7f9a_20000000. Fault is of type FAULT_PDE "
     "ACCESS_TYPE_VIRT_READ",
     "gpu.xid.31", "fatal", "0000:05:00.0"},
    {"NVRM: Xid (PCI:0000:05:00): 32, pid=1, name=x, Channel ID 00000008 intr0 00040000",
     "gpu.xid.32", "fatal", "0000:05:00.0"},
    {"NVRM: Xid (PCI:0000:05:00): 43, pid=99, name=python, Ch 00000008", "gpu.xid.43", "warning",
     "0000:05:00.0"},
    {"NVRM: Xid (PCI:0000:05:00): 45, pid=99, name=python, Ch 00000008", "gpu.xid.45", "warning",
     "0000:05:00.0"},
    {"NVRM: Xid (PCI:0000:05:00): 61, pid=1, 0cec(3098) 00000000 00000000", "gpu.xid.61", "fatal",
     "0000:05:00.0"},
    {"NVRM: Xid (PCI:0000:05:00): 62, pid=1, 0cec(3098) 00000000 00000000", "gpu.xid.62", "fatal",
     "0000:05:00.0"},
    {"NVRM: Xid (PCI:0000:c1:00): 63, pid='<unknown>', name=<unknown>, Row Remapper: New row "
     "marked for remapping, reset gpu to activate.",
     "gpu.xid.63", "warning", "0000:c1:00.0"},
    {"NVRM: Xid (PCI:0000:c1:00): 64, pid='<unknown>', name=<unknown>, Row Remapper: Failed to "
     "remap row",
     "gpu.xid.64", "fatal", "0000:c1:00.0"},
    {"NVRM: Xid (PCI:0000:3b:00): 74, pid='<unknown>', name=<unknown>, NVLink: fatal error "
     "detected "
     "on link 3(0x10000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0)",
     "gpu.xid.74", "fatal", "0000:3b:00.0"},
    {"NVRM: Xid (PCI:0000:3b:00): 92, pid=1, name=x, High single-bit ECC error rate", "gpu.xid.92",
     "warning", "0000:3b:00.0"},
    {"NVRM: Xid (PCI:0000:9c:00): 94, pid=7194, name=python3, Contained: SM (0x1). RST: No, D-RST: "
     "No",
     "gpu.xid.94", "fatal", "0000:9c:00.0"},
    {"NVRM: Xid (PCI:0000:9c:00): 95, pid=7194, name=python3, Uncontained: LTC TAG (0x2,0x0). RST: "
     "Yes, D-RST: No",
     "gpu.xid.95", "fatal", "0000:9c:00.0"},
    {"NVRM: Xid (PCI:0000:9b:00): 119, pid=3350, name=nvidia-smi, Timeout after 6s of waiting for "
     "RPC response from GPU0 GSP! Expected function 76 (GSP_RM_CONTROL).",
     "gpu.xid.119", "fatal", "0000:9b:00.0"},
    {"NVRM: Xid (PCI:0000:9b:00): 120, pid='<unknown>', name=<unknown>, GSP task panic",
     "gpu.xid.120", "fatal", "0000:9b:00.0"},
    {"NVRM: Xid (PCI:0000:00:1e): 140, GPU encountered an uncorrectable memory error",
     "gpu.xid.140", "fatal", "0000:00:1e.0"},
    {"NVRM: Xid (PCI:0018:01:00): 149, NETIR_LINK_EVT  Fatal   XC0 i0 Link 09 (0x025525c6 "
     "0x00000000 0x00000000 0x00000000 0x00000000 0x00000000)",
     "gpu.xid.149", "fatal", "0018:01:00.0"},
    {"NVRM: Xid (PCI:0018:01:00): 145, RLW_REMAP        Nonfatal XC0 i0 Link 02 (0x00000004 "
     "0x00000000 0x00000000 0x00000000 0x00000000 0x00000000)",
     "gpu.xid.145", "warning", "0018:01:00.0"},
    {"NVRM: Xid (PCI:0000:01:00): 154, GPU recovery action changed from 0x0 (None) to 0x1 (GPU "
     "Reset "
     "Required)",
     "gpu.xid.154", "fatal", "0000:01:00.0"},
    {"NVRM: Xid (PCI:0000:01:00): 154, GPU recovery action changed from 0x1 (GPU Reset Required) "
     "to "
     "0x0 (None)",
     "gpu.xid.154", "info", "0000:01:00.0"},
    {"NVRM: Xid (PCI:0000:01:00): 987, a code of the future", "gpu.xid.987", "fatal",
     "0000:01:00.0"},
    {"nvidia-nvswitch3: SXid (PCI:0000:c1:00.0): 28006, Non-fatal, Link 46 MC TS crumbstore MCTO "
     "(First)",
     "nvswitch.sxid.28006", "warning", "0000:c1:00.0"},
    {"nvidia-nvswitch0: SXid (PCI:0000:a9:00.0): 20034, Fatal, Link 30 LTSSM Fault Up",
     "nvswitch.sxid.20034", "fatal", "0000:a9:00.0"},
    {"nvidia-nvswitch1: SXid (PCI:0000:06:00): 22013, Fatal, Link 12 Minion Link DLREQ interrupt",
     "nvswitch.sxid.22013", "fatal", "0000:06:00.0"},
    {"NVRM: GPU 0000:1b:00.0: GPU has fallen off the bus.", "gpu.lost", "fatal", "0000:1b:00.0"},
    {"NVRM: GPU at PCI:0000:1b:00: GPU has fallen off the bus.", "gpu.lost", "fatal",
     "0000:1b:00.0"},
    {"NVRM: The NVIDIA GPU 0000:1b:00.0 (PCI ID: 10de:2330) installed in this system has fallen "
     "off "
     "the bus and is not responding to commands.",
     "gpu.lost", "fatal", "0000:1b:00.0"},
    {"NVRM: GPU 0000:41:00.0: RmInitAdapter failed! (0x26:0x56:1463)", "gpu.init", "fatal",
     "0000:41:00.0"},
    {"NVRM: RmInitAdapter failed! (0x26:0xffff:1290)", "gpu.init", "fatal", ""},

    // AMD
    {"amdgpu 0000:c3:00.0: amdgpu: 2 uncorrectable hardware errors detected in umc block",
     "gpu.memory.uncorrected", "fatal", "0000:c3:00.0"},
    {"amdgpu 0000:c3:00.0: amdgpu: socket: 0, die: 0, 1 new uncorrectable hardware errors detected "
     "in umc block",
     "gpu.memory.uncorrected", "fatal", "0000:c3:00.0"},
    {"amdgpu 0000:c3:00.0: {23} socket: 1, die: 3, 4 new uncorrectable hardware errors detected in "
     "gfx block",
     "gpu.uncorrected", "fatal", "0000:c3:00.0"},
    {"amdgpu 0000:e3:00.0: amdgpu: uncorrectable hardware error(ERREVENT_ATHUB_INTERRUPT) "
     "detected!",
     "gpu.uncorrected", "fatal", "0000:e3:00.0"},
    {"amdgpu 0000:c3:00.0: amdgpu: socket: 0, die: 0, 2 new deferred hardware errors detected in "
     "umc "
     "block",
     "gpu.deferred", "fatal", "0000:c3:00.0"},
    {"amdgpu 0000:c3:00.0: amdgpu: 7 correctable hardware errors detected in gfx block",
     "gpu.corrected", "warning", "0000:c3:00.0"},
    {"amdgpu: RAS poison consumption, unmap queue flow succeeded: client id 27", "gpu.poison",
     "fatal", ""},
    {"amdgpu 0000:c3:00.0: amdgpu: GPU reset for gfx RAS poison consumption is issued!",
     "gpu.poison", "fatal", "0000:c3:00.0"},
    {"amdgpu 0000:c3:00.0: amdgpu: RAS records:129 exceed threshold:128, GPU will not be "
     "initialized. Replace this GPU or increase the threshold",
     "gpu.memory.retirement", "fatal", "0000:c3:00.0"},
    {"[drm:amdgpu_job_timedout [amdgpu]] *ERROR* ring gfx_0.0.0 timeout, signaled seq=613206, "
     "emitted seq=613208",
     "gpu.hang", "fatal", ""},
    {"amdgpu 0000:03:00.0: amdgpu: ring sdma0 timeout, signaled seq=11, emitted seq=13", "gpu.hang",
     "fatal", "0000:03:00.0"},
    {"amdgpu 0000:c5:00.0: amdgpu: GPU reset begin!. Source:  3", "gpu.reset", "fatal",
     "0000:c5:00.0"},
    {"amdgpu 0000:c5:00.0: amdgpu: GPU reset end with ret = -62", "gpu.reset", "fatal",
     "0000:c5:00.0"},
    {"amdgpu 0000:c5:00.0: amdgpu: device lost from bus!", "gpu.lost", "fatal", "0000:c5:00.0"},
    {"amdgpu 0000:c5:00.0: amdgpu: [gfxhub0] no-retry page fault (src_id:0 ring:24 vmid:8 "
     "pasid:32769, for process gemm pid 4121 thread gemm pid 4121)",
     "gpu.page_fault", "fatal", "0000:c5:00.0"},

    // Intel, Habana, Neuron
    {"i915 0000:00:02.0: [drm] GPU HANG: ecode 12:1:85dffffb, in glxgears [1234]", "gpu.hang",
     "fatal", "0000:00:02.0"},
    {"xe 0000:03:00.0: [drm] GT0: Engine reset: engine_class=rcs, logical_mask: 0x1, guc_id=2",
     "gpu.hang", "fatal", "0000:03:00.0"},
    {"xe 0000:03:00.0: [drm] *ERROR* Tile0: GT0: Timedout job: seqno=4294967169, lrc_seqno=1",
     "gpu.hang", "fatal", "0000:03:00.0"},
    {"xe 0000:03:00.0: [drm] *ERROR* CRITICAL: Xe has declared device 0000:03:00.0 as wedged.",
     "gpu.lost", "fatal", "0000:03:00.0"},
    {"habanalabs hl0: ECC error detected. address: 0x7ffc10. Syndrom: 0x12. block id 3. critical "
     "1.",
     "accelerator.uncorrected", "fatal", "hl0"},
    {"habanalabs hl2: HBM0_MC0_SEI_SEVERE: interrupt cause 0x8", "accelerator.uncorrected", "fatal",
     "hl2"},
    {"habanalabs hl0: ECC error detected. address: 0x7ffc10. Syndrom: 0x12. block id 3. critical "
     "0.",
     "accelerator.corrected", "warning", "hl0"},
    {"habanalabs hl0: Device heartbeat failed!", "accelerator.lost", "fatal", "hl0"},
    {"accel accel3: Going to reset device", "accelerator.lost", "fatal", "accel3"},
    {"habanalabs hl7: Received H/W interrupt 243 [\"NIC0_QM0\"]", "accelerator.event", "warning",
     "hl7"},
    {"2024-05-02T11:22:33.123456Z NEURON_HW_ERR=SRAM_UNCORRECTABLE_ERROR "
     "instance-id=i-0592464924bd45322 hostname=ip-172-31-61-252 nd-id=4 nc-id=0 "
     "serial-num=19fcda00f5ff6eb9 action=TERMINATE_INSTANCE",
     "accelerator.uncorrected", "fatal", "neuron4"},

    // machine checks
    {"mce: [Hardware Error]: CPU 12: Machine Check: 0 Bank 7: 8c00004000010091",
     "cpu.mce.corrected", "warning", "cpu 12"},
    {"mce: [Hardware Error]: CPU 12: Machine Check Exception: 5 Bank 7: be00000000801136",
     "cpu.mce.uncorrected", "fatal", "cpu 12"},
    {"mce: [Hardware Error]: CPU 3: Machine Check: 0 Bank 5: bea0000000000108",
     "cpu.mce.uncorrected", "fatal", "cpu 3"},
    {"[Hardware Error]: CPU:2 (17:31:0) MC18_STATUS[Over|CE|MiscV|AddrV|-|-|SyndV|CECC|-|-|-]: "
     "0xdc2040000000011b",
     "cpu.mce.corrected", "warning", "cpu 2"},
    {"[Hardware Error]: CPU:40 (19:11:1) MC0_STATUS[-|UE|MiscV|AddrV|PCC|TCC|SyndV|UECC|-|-|-]: "
     "0xbea0000000000108",
     "cpu.mce.uncorrected", "fatal", "cpu 40"},
    {"[Hardware Error]: System Fatal error.", "cpu.mce.uncorrected", "fatal", ""},
    {"[Hardware Error]: Uncorrected, software restartable error.", "cpu.mce.uncorrected", "fatal",
     ""},
    {"mce: [Hardware Error]: Machine check: Processor context corrupt", "cpu.mce.uncorrected",
     "fatal", ""},
    {"[Hardware Error]: Deferred error, no action required.", "cpu.mce.deferred", "fatal", ""},
    {"[Hardware Error]: Corrected error, no action required.", "cpu.mce.corrected", "warning", ""},
    {"mce: [Hardware Error]: Machine check events logged", "cpu.mce.logged", "info", ""},
    {"SError Interrupt on CPU12, code 0x00000000be000011 -- SError", "cpu.lost", "fatal", "cpu 12"},
    {"Internal error: synchronous external abort: 96000210 [#1] SMP", "cpu.lost", "fatal", ""},
    {"NMI: PCI system error (SERR) for reason b1 on CPU 0.", "cpu.nmi", "fatal", "cpu 0"},
    {"Uhhuh. NMI received for unknown reason 3d on CPU 4.", "cpu.nmi", "fatal", "cpu 4"},

    // memory
    {"EDAC MC0: 1 UE memory read error on CPU_SrcID#0_MC#0_Chan#1_DIMM#0 (channel:1 slot:0 "
     "page:0x1a2b3c offset:0x0 grain:32 -  err_code:0x0101:0x0091)",
     "memory.uncorrected", "fatal", "mc0 channel1 slot0"},
    {"EDAC MC1: 1 UE on mc#1csrow#2channel#1 (csrow:2 channel:1 page:0x4 offset:0x0 grain:64)",
     "memory.uncorrected", "fatal", "mc1 csrow2 channel1"},
    {"EDAC MC0: 3 CE memory scrubbing error on CPU_SrcID#0_MC#0_Chan#1_DIMM#0 (channel:1 slot:0 "
     "page:0x1a2b3c offset:0x0 grain:32 syndrome:0x0 -  err_code:0x0008:0x00c1)",
     "memory.corrected", "warning", "mc0 channel1 slot0"},
    {"EDAC MC1: 1 CE on mc#1csrow#0channel#1 (csrow:0 channel:1 page:0x5 offset:0x940 grain:64 "
     "syndrome:0x0)",
     "memory.corrected", "warning", "mc1 csrow0 channel1"},
    {"EDAC MC0: 1 CE Single-bit ECC on P1-DIMMA1 (node:0 card:0 module:1 rank:0 bank:2 page:0x1)",
     "memory.corrected", "warning", "mc0"},
    {"EDAC MC0: UE page 0x0, offset 0x0, grain 0, row 0, labels \":\": i3200 UE",
     "memory.uncorrected", "fatal", "mc0"},
    {"EDAC i7core MC0: CE row 1, channel 0, label \"DIMM_A2\": Corrected error", "memory.corrected",
     "warning", "mc0"},
    {"EDAC DEVICE0: UE: l2cache instance: cpu0 block: l2 count: 1 'L2 error'", "device.uncorrected",
     "fatal", "l2cache"},
    {"EDAC PCI0: Signaled System Error on 0000:03:00.0", "device.uncorrected", "fatal",
     "0000:03:00.0"},
    {"EDAC DEVICE0: CE: l2cache instance: cpu0 block: l2 count: 1 'L2 error'", "device.corrected",
     "warning", "l2cache"},
    {"mce: Uncorrected hardware memory error in user-access at 12345680", "memory.uncorrected",
     "fatal", ""},
    {"Memory failure: 0x12345: recovery action for dirty LRU page: Recovered", "memory.uncorrected",
     "fatal", ""},
    {"Memory failure: 0x12345: Sending SIGBUS to gemm:4121 due to hardware memory corruption",
     "memory.uncorrected", "fatal", ""},
    {"RAS: Soft-offlining pfn: 0x12345", "memory.retired", "warning", ""},
    {"soft offline: 0x12345: page already poisoned", "memory.retired", "warning", ""},
    {"BUG: Bad page state in process gemm  pfn:12345", "memory.corrupted", "fatal", ""},
    {"BUG: Bad page map in process gemm  pte:8000000123456867 pmd:10a8067", "memory.corrupted",
     "fatal", ""},

    // firmware's records
    {"{1}[Hardware Error]: event severity: corrected", "platform.corrected", "warning", ""},
    {"{17}[Hardware Error]: event severity: recoverable", "platform.fatal", "fatal", ""},
    {"[Hardware Error]: event severity: fatal", "platform.fatal", "fatal", ""},
    {"{2}[Hardware Error]: event severity: info", "platform.info", "info", ""},
    {"BERT: Error records from previous boot:", "platform.previous_boot", "warning", ""},

    // PCI Express
    {"pcieport 0000:00:1c.0: AER: Corrected error received: 0000:02:00.0", "pcie.corrected",
     "warning", "0000:02:00.0"},
    {"pcieport 0000:00:1c.0: AER: Multiple Correctable error message received from 0000:02:00.0",
     "pcie.corrected", "warning", "0000:02:00.0"},
    {"pcieport 10000:e0:06.0: AER: Correctable error message received from 10000:e1:00.0",
     "pcie.corrected", "warning", "10000:e1:00.0"},
    {"pcieport 0000:00:1c.0: AER: Uncorrected (Fatal) error received: 0000:02:00.0",
     "pcie.uncorrected", "fatal", "0000:02:00.0"},
    {"pcieport 0000:00:1c.0: AER: Multiple Uncorrectable (Non-Fatal) error message received from "
     "0000:73:00.1",
     "pcie.uncorrected", "fatal", "0000:73:00.1"},
    {"nvme 0000:02:00.0: AER: PCIe Bus Error: severity=Corrected, type=Physical Layer, (Receiver "
     "ID)",
     "pcie.corrected", "warning", "0000:02:00.0"},
    {"nvidia 0000:1b:00.0: PCIe Bus Error: severity=Correctable, type=Data Link Layer, "
     "(Transmitter "
     "ID)",
     "pcie.corrected", "warning", "0000:1b:00.0"},
    {"nvidia 0000:1b:00.0: AER: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction "
     "Layer, (Requester ID)",
     "pcie.uncorrected", "fatal", "0000:1b:00.0"},
    {"mlx5_core 0000:3b:00.0: PCIe Bus Error: severity=Uncorrectable (Fatal), type=Inaccessible, "
     "(Unregistered Agent ID)",
     "pcie.uncorrected", "fatal", "0000:3b:00.0"},
    {"nvme 0000:02:00.0: AER: aer_status: 0x00000001, aer_mask: 0x0000e000", "pcie.corrected",
     "warning", "0000:02:00.0"},
    {"pcieport 0000:00:1c.0: AER: device recovery failed", "pcie.uncorrected", "fatal",
     "0000:00:1c.0"},
    {"pcieport 0000:00:1c.0: DPC: containment event, status:0x1f01 source:0x0000", "pcie.contained",
     "fatal", "0000:00:1c.0"},
    {"pcieport 0000:00:1c.0: DPC: unmasked uncorrectable error detected", "pcie.contained", "fatal",
     "0000:00:1c.0"},
    {"pcieport 0000:15:01.0: pciehp: Slot(3-1): Link Down", "pcie.link_down", "fatal",
     "0000:15:01.0"},
    {"pcieport 0000:15:01.0: pciehp: Slot(3): Card not present", "pcie.link_down", "fatal",
     "0000:15:01.0"},
    {"pcieport 0000:15:01.0: pciehp: Slot(3): Power fault", "power.fault", "fatal", "0000:15:01.0"},
    {"pci 0000:01:00.0: 31.504 Gb/s available PCIe bandwidth, limited by 8.0 GT/s PCIe x4 link at "
     "0000:00:1c.0 (capable of 252.048 Gb/s with 16.0 GT/s PCIe x16 link)",
     "pcie.limited", "warning", "0000:01:00.0"},
    {"pci 0000:02:00.0: broken device, retraining non-functional downstream link at 2.5GT/s",
     "pcie.limited", "warning", "0000:02:00.0"},
    {"pcieport 0000:00:1c.0: Data Link Layer Link Active not set in 1000 msec", "pcie.link_down",
     "fatal", "0000:00:1c.0"},
    {"nvidia 0000:1b:00.0: Unable to change power state from D3cold to D0, device inaccessible",
     "pcie.lost", "fatal", "0000:1b:00.0"},
    {"nvme 0000:02:00.0: not ready 65535ms after FLR; giving up", "pcie.lost", "fatal",
     "0000:02:00.0"},
    {"DMAR: [DMA Read NO_PASID] Request device [1b:00.0] fault addr 0xfee00000 [fault reason 0x06] "
     "PTE Read access is not set",
     "iommu.fault", "fatal", "0000:1b:00.0"},
    {"DMAR: [DMA Write] Request device [0000:02:00.0] PASID ffffffff fault addr ffe000 [fault "
     "reason "
     "05] PTE Write access is not set",
     "iommu.fault", "fatal", "0000:02:00.0"},
    {"nvidia 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0014 address=0xd0000000 "
     "flags=0x0000]",
     "iommu.fault", "fatal", "0000:01:00.0"},
    {"AMD-Vi: Event logged [IO_PAGE_FAULT device=03:00.0 domain=0x0000 address=0x1000 "
     "flags=0x0020]",
     "iommu.fault", "fatal", "0000:03:00.0"},
    {"iommu ivhd0: AMD-Vi: Completion-Wait loop timed out", "iommu.fault", "fatal", ""},
    {"arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:", "iommu.fault", "fatal",
     "arm-smmu-v3.0.auto"},
    {"nvidia: probe of 0000:1b:00.0 failed with error -1", "device.probe", "warning",
     "0000:1b:00.0"},
    {"nvme 0000:02:00.0: probe with driver nvme failed with error -12", "device.probe", "warning",
     "0000:02:00.0"},

    // networks
    {"mlx5_core 0000:03:00.0: poll_health:803:(pid 0): device's health compromised - reached miss "
     "count",
     "nic.health", "fatal", "0000:03:00.0"},
    {"mlx5_core 0000:03:00.0: print_health_info:423:(pid 0): Health issue observed, firmware "
     "internal error, severity(3) ERROR:",
     "nic.health", "fatal", "0000:03:00.0"},
    {"mlx5_core 0000:03:00.0: poll_health:825:(pid 0): Fatal error 3 detected", "nic.health",
     "fatal", "0000:03:00.0"},
    {"mlx5_core 0000:03:00.0: mlx5_pcie_event:301:(pid 9): Detected insufficient power on the PCIe "
     "slot (25W).",
     "nic.health", "fatal", "0000:03:00.0"},
    {"mlx5_core 0000:03:00.0: wait_func:1153:(pid 12): ENABLE_HCA(0x104) timeout. Will cause a "
     "leak "
     "of a command resource",
     "nic.command_timeout", "fatal", "0000:03:00.0"},
    {"mlx5_core 0000:03:00.0: temp_warn:177:(pid 0): High temperature on sensors with bit set 0x0 "
     "0x1",
     "nic.temperature", "warning", "0000:03:00.0"},
    {"mlx5_core 0000:03:00.0: Port module event[error]: module 0, Cable error, Power budget "
     "exceeded",
     "nic.module", "fatal", "0000:03:00.0 module 0"},
    {"mlx5_core 0000:03:00.0: Port module event: module 1, Cable unplugged", "nic.module",
     "warning", "0000:03:00.0 module 1"},
    {"mlx5_core 0000:03:00.0 ens1np0: Link down", "net.link_down", "warning", "0000:03:00.0"},
    {"ixgbe 0000:01:00.0 eth0: NIC Link is Down", "net.link_down", "warning", "0000:01:00.0"},
    {"bnxt_en 0000:3b:00.0 ens1f0np0: NIC Link is Down", "net.link_down", "warning",
     "0000:3b:00.0"},
    {"e1000e: eth0 NIC Link is Down", "net.link_down", "warning", "eth0"},
    {"bond0: (slave eth0): link status definitely down, disabling slave", "net.link_down",
     "warning", "eth0"},
    {"<mlx4_ib> mlx4_ib_event: mlx4_0: Port 1 logical link is down", "ib.link_down", "warning",
     "mlx4_0"},
    {"hfi1 0000:05:00.0: hfi1_0: set_link_state: current ACTIVE, new OFFLINE", "ib.link_down",
     "warning", "hfi1_0"},
    {"NETDEV WATCHDOG: eth0 (ixgbe): transmit queue 3 timed out", "nic.hang", "fatal", "eth0"},
    {"bnxt_en 0000:3b:00.0 ens1f0np0: NETDEV WATCHDOG: CPU: 3: transmit queue 1 timed out 5120 ms",
     "nic.hang", "fatal", "0000:3b:00.0"},

    // disks
    {"nvme nvme0: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0xffff", "nvme.lost",
     "fatal", "nvme0"},
    {"nvme nvme1: Disabling device after reset failure: -19", "nvme.lost", "fatal", "nvme1"},
    {"nvme nvme0: I/O 123 QID 4 timeout, aborting", "nvme.timeout", "warning", "nvme0"},
    {"nvme nvme0: I/O tag 12 (300c) opcode 0x2 (I/O Cmd) QID 4 timeout, reset controller",
     "nvme.timeout", "warning", "nvme0"},
    {"nvme0n1: Read(0x2) @ LBA 1000, 8 blocks, Unrecovered Read Error (sct 0x2 / sc 0x81) DNR",
     "disk.medium", "fatal", "nvme0"},
    {"nvme0c0n1: I/O Cmd(0x1) @ LBA 52, 8 blocks, I/O Error (sct 0x0 / sc 0x6)", "disk.io", "fatal",
     "nvme0"},
    {"blk_update_request: I/O error, dev fd0, sector 0 op 0x0:(READ) flags 0x0 phys_seg 1 prio "
     "class "
     "0",
     "disk.removable", "info", "fd0"},
    {"critical medium error, dev sda, sector 61865984 op 0x0:(READ) flags 0x80700 phys_seg 1 prio "
     "class 2",
     "disk.medium", "fatal", "sda"},
    {"blk_update_request: I/O error, dev sda, sector 2048 op 0x1:(WRITE) flags 0x0 phys_seg 1 prio "
     "class 0",
     "disk.io", "fatal", "sda"},
    {"I/O error, dev nvme0n1, sector 2048 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2",
     "disk.io", "fatal", "nvme0"},
    {"Buffer I/O error on dev sda1, logical block 0, async page read", "disk.io", "fatal", "sda"},
    {"sd 0:0:0:0: [sda] tag#12 Sense Key : Medium Error [current]", "disk.medium", "fatal", "sda"},
    {"sd 2:0:0:0: Device offlined - not ready after error recovery", "disk.lost", "fatal", ""},
    {"ata1.00: error: { UNC }", "disk.medium", "fatal", "ata1"},
    {"ata1.00: failed command: READ FPDMA QUEUED", "disk.io", "warning", "ata1"},
    {"ata1: COMRESET failed (errno=-16)", "disk.io", "warning", "ata1"},
    {"ata3.00: disabled", "disk.lost", "fatal", "ata3"},
    {"ata3.00: disable device", "disk.lost", "fatal", "ata3"},
    {"EXT4-fs error (device sda1): ext4_find_entry:1455: inode #2: comm ls: reading directory "
     "lblock "
     "0",
     "filesystem.error", "fatal", ""},
    {"XFS (nvme0n1p1): metadata I/O error in \"xfs_trans_read_buf_map\" at daddr 0x1 len 1 error 5",
     "filesystem.error", "fatal", ""},
    {"BTRFS error (device sda1): bdev /dev/sda1 errs: wr 0, rd 1, flush 0, corrupt 0, gen 0",
     "filesystem.error", "fatal", ""},

    // the kernel
    {"INFO: task kworker/0:1:123 blocked for more than 120 seconds.", "kernel.hung_task", "warning",
     ""},
    {"watchdog: BUG: soft lockup - CPU#12 stuck for 22s! [gemm:1234]", "kernel.soft_lockup",
     "fatal", "cpu 12"},
    {"NMI watchdog: Watchdog detected hard LOCKUP on cpu 12", "kernel.hard_lockup", "fatal",
     "cpu 12"},
    {"watchdog: Watchdog detected hard LOCKUP on cpu 3", "kernel.hard_lockup", "fatal", "cpu 3"},
    {"rcu: INFO: rcu_sched self-detected stall on CPU", "kernel.rcu_stall", "warning", ""},
    {"rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 3-... } 21 jiffies s: 57",
     "kernel.rcu_stall", "warning", ""},
    {"BUG: workqueue lockup - pool cpus=3 node=0 flags=0x0 nice=0 stuck for 31s!", "kernel.stall",
     "warning", ""},
    {"Kernel panic - not syncing: Fatal machine check", "kernel.panic", "fatal", ""},
    {"BUG: unable to handle page fault for address: ffffb2b1c0a3f000", "kernel.oops", "fatal", ""},
    {"BUG: kernel NULL pointer dereference, address: 0000000000000010", "kernel.oops", "fatal", ""},
    {"kernel BUG at mm/slub.c:379!", "kernel.oops", "fatal", ""},
    {"Oops: 0002 [#1] PREEMPT SMP NOPTI", "kernel.oops", "fatal", ""},
    {"Oops: general protection fault, probably for non-canonical address 0xdead000000000100: 0000 "
     "[#1] SMP",
     "kernel.oops", "fatal", ""},
    {"general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] "
     "SMP",
     "kernel.oops", "fatal", ""},
    {"divide error: 0000 [#1] SMP PTI", "kernel.oops", "fatal", ""},
    {"Unable to handle kernel paging request at virtual address ffff800011d1f000", "kernel.oops",
     "fatal", ""},
    {"Internal error: Oops: 0000000096000004 [#1] SMP", "kernel.oops", "fatal", ""},
    {"list_add corruption. next->prev should be prev (ffff888), but was ffff889.", "kernel.oops",
     "fatal", ""},
    {"WARNING: CPU: 3 PID: 123 at drivers/net/foo.c:12 foo_bar+0x10/0x20 [foo]", "kernel.warning",
     "warning", "cpu 3"},
    {"WARNING: drivers/gpu/drm/xe/xe_pm.c:12 at xe_pm_runtime_get+0x10/0x20, CPU#3: gemm/123",
     "kernel.warning", "warning", ""},
    {"clocksource: timekeeping watchdog on CPU3: Marking clocksource 'tsc' as unstable because the "
     "skew is too large:",
     "kernel.clock", "warning", "cpu 3"},
    {"tsc: Marking TSC unstable due to clocksource watchdog", "kernel.clock", "warning", ""},
    {"aer_ratelimit: 12 callbacks suppressed", "kernel.suppressed", "info", ""},

    // heat and power
    {"mce: CPU12: Core temperature is above threshold, cpu clock is throttled (total events = 1)",
     "cpu.throttle", "warning", "cpu 12"},
    {"CPU0: Package temperature above threshold, cpu clock throttled (total events = 7)",
     "cpu.throttle", "warning", "cpu 0"},
    {"thermal thermal_zone0: acpitz: critical temperature reached (105 C), shutting down",
     "thermal.critical", "fatal", "thermal_zone0"},
    {"thermal thermal_zone0: critical temperature reached (105 C), shutting down",
     "thermal.critical", "fatal", "thermal_zone0"},
    {"reboot: HARDWARE PROTECTION shutdown (Temperature too high)", "thermal.critical", "fatal",
     ""},
    {"Critical temperature reached (94 C), shutting down.", "thermal.critical", "fatal", ""},
    {"refcount_t: underflow; use-after-free.", "kernel.oops", "fatal", ""},
    {"EDAC MC0: CE - no information available: INTERNAL ERROR", "memory.corrected", "warning",
     "mc0"},
    {"NVRM: The NVIDIA GPU 0000:1b:00.0 NVRM: (PCI ID: 10de:2330) NVRM: installed in this system "
     "has NVRM: fallen off the bus and is not responding to commands.",
     "gpu.lost", "fatal", "0000:1b:00.0"},
    {"ACPI: Critical trip point", "thermal.critical", "fatal", ""},
    {"hwmon hwmon1: Undervoltage detected!", "power.fault", "fatal", "hwmon1"},
    {"mlxreg-hotplug mlxreg-hotplug: PSU 2 failed", "power.fault", "fatal", "mlxreg-hotplug psu 2"},
    {"watchdog: watchdog0: watchdog did not stop!", "power.watchdog", "warning", ""},
};

}  // namespace rackproof
