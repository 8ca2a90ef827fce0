# SPDX-License-Identifier: Apache-2.0
"""smi_agreement: what nvidia-smi says of a GPU, held against our own readings; the XML is made by hand after drivers 550 to 580."""
import os
import time
import unittest

import smi_agreement
from command_line import CommandLine
from smi_agreement import Failed, Unreadable, compare

# As a driver of the 570s writes it of an H200 under load, without what is not compared.
GPU = """<gpu id="00000000:1B:00.0"><product_name>NVIDIA H200</product_name><persistence_mode>Enabled</persistence_mode>
<mig_mode><current_mig>Disabled</current_mig><pending_mig>Disabled</pending_mig></mig_mode><serial>1654321000001</serial>
<uuid>GPU-00000000-0000-0000-0000-000000000000</uuid><pci><pci_bus_id>00000000:1B:00.0</pci_bus_id><pci_gpu_link_info>
<pcie_gen><max_link_gen>5</max_link_gen><current_link_gen>5</current_link_gen></pcie_gen><link_widths><max_link_width>16x</max_link_width>
<current_link_width>16x</current_link_width></link_widths></pci_gpu_link_info><replay_counter>0</replay_counter>
<replay_rollover_counter>0</replay_rollover_counter></pci><fan_speed>N/A</fan_speed><performance_state>P0</performance_state>
<compute_mode>Default</compute_mode><ecc_mode><current_ecc>Enabled</current_ecc></ecc_mode><ecc_errors>
<volatile><sram_correctable>0</sram_correctable><sram_uncorrectable_parity>0</sram_uncorrectable_parity>
<sram_uncorrectable_secded>0</sram_uncorrectable_secded><dram_correctable>0</dram_correctable><dram_uncorrectable>0</dram_uncorrectable></volatile>
<aggregate><sram_correctable>0</sram_correctable><sram_uncorrectable_parity>0</sram_uncorrectable_parity>
<sram_uncorrectable_secded>0</sram_uncorrectable_secded><dram_correctable>0</dram_correctable><dram_uncorrectable>0</dram_uncorrectable>
<sram_threshold_exceeded>No</sram_threshold_exceeded></aggregate></ecc_errors><retired_pages>N/A</retired_pages>
<remapped_rows><remapped_row_corr>0</remapped_row_corr><remapped_row_unc>0</remapped_row_unc>
<remapped_row_pending>No</remapped_row_pending><remapped_row_failure>No</remapped_row_failure></remapped_rows>
<temperature><gpu_temp>55 C</gpu_temp><gpu_temp_tlimit>32 C</gpu_temp_tlimit><memory_temp>60 C</memory_temp></temperature>
<gpu_power_readings><average_power_draw>650.00 W</average_power_draw><instant_power_draw>650.00 W</instant_power_draw>
<current_power_limit>700.00 W</current_power_limit></gpu_power_readings><clocks><sm_clock>1980 MHz</sm_clock><mem_clock>3201 MHz</mem_clock></clocks></gpu>"""
HEAD = "<driver_version>580.65.06</driver_version><cuda_version>13.0</cuda_version>"
BDF = "0000:1b:00.0"


def xml(*gpus, head=HEAD):
    return f'<?xml version="1.0" ?>\n<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">\n<nvidia_smi_log>{head}{"".join(gpus)}</nvidia_smi_log>'


def our_gpu(**changed):
    zeros = ("pcie.replays", "pcie.replay_rollovers", "rows.corrected", "rows.uncorrected", "rows.pending", "rows.failed", "ecc.sram_threshold", "pstate",
             *(f"{span}.{kind}.{place}" for span in ("ecc", "ecc.lifetime") for kind in ("corrected", "uncorrected") for place in ("dram", "sram")))
    sensors = {name: [0.0, 0.0] for name in zeros}
    sensors.update({"power": [640.0, 655.0], "power.instant": [650.0], "power.limit": [700.0], "temp": [54.0, 55.0], "temp.memory": [60.0],
                    "temp.margin": [32.0], "clock.sm": [1.98e9], "clock.memory": [3.201e9], "pcie.generation": [5.0], "pcie.width": [16.0],
                    "ecc.enabled": [1.0], "fan0": [None], "pages.corrected": [None], "pages.uncorrected": [None], "pages.pending": [None]})
    sensors.update({name.replace("__", "."): values for name, values in changed.items()})
    return {"uuid": "GPU-00000000-0000-0000-0000-000000000000", "serial": "1654321000001", "name": "NVIDIA H200",
            "modes": {"persistence": "persistence on", "mig": "MIG off", "compute_mode": "compute mode default"}, "sensors": sensors}


def ours(gpus=None):
    return {"driver": "580.65.06", "cuda": "13.0", "gpus": gpus if gpus is not None else {BDF: our_gpu()}}


class Agreement(unittest.TestCase):
    def lines(self, text, mine=None):
        return compare(text, mine or ours()).lines

    def one_line(self, was, instead, expected, mine=None):
        self.assertIn(was, GPU)
        self.assertEqual(self.lines(xml(GPU.replace(was, instead, 1)), mine), [expected])

    def test_the_same_readings_agree_and_are_counted(self):
        result = compare(xml(GPU), ours())
        self.assertEqual(result.lines, [])
        self.assertEqual((result.gpus, result.compared), (1, 35))

    def test_identity_is_the_same_to_the_letter(self):
        self.one_line("1654321000001", "1654321000002", f"{BDF} serial: rackproof has 1654321000001, nvidia-smi 1654321000002")
        self.one_line("GPU-00", "GPU-01", f"{BDF} uuid: rackproof has GPU-00000000-0000-0000-0000-000000000000, nvidia-smi "
                                          "GPU-01000000-0000-0000-0000-000000000000")
        self.assertEqual(self.lines(xml(GPU, head=HEAD.replace("65", "95"))), ["host driver: rackproof has 580.65.06, nvidia-smi 580.95.06"])

    def test_counters_states_links_and_limits_are_exact(self):
        for was, instead, name, mine, theirs in (
                ("<dram_uncorrectable>0", "<dram_uncorrectable>1", "ecc.uncorrected.dram", "0", "1"),
                ("<sram_uncorrectable_secded>0", "<sram_uncorrectable_secded>2", "ecc.uncorrected.sram", "0", "2"),
                ("<remapped_row_pending>No", "<remapped_row_pending>Yes", "rows.pending", "0", "1"),
                ("<sram_threshold_exceeded>No", "<sram_threshold_exceeded>Yes", "ecc.sram_threshold", "0", "1"),
                ("<current_link_gen>5", "<current_link_gen>4", "pcie.generation", "5", "4"),
                ("<current_link_width>16x", "<current_link_width>8x", "pcie.width", "16 x", "8 x"),
                ("<current_ecc>Enabled", "<current_ecc>Disabled", "ecc.enabled", "1", "0"),
                ("700.00 W", "699.50 W", "power.limit", "700 W", "699.5 W")):
            self.one_line(was, instead, f"{BDF} {name}: rackproof has {mine}, nvidia-smi {theirs}")
        self.one_line("<compute_mode>Default", "<compute_mode>Prohibited", f"{BDF} compute_mode: rackproof has compute mode default, nvidia-smi Prohibited")
        self.one_line("<current_mig>Disabled", "<current_mig>Enabled", f"{BDF} mig: rackproof has MIG off, nvidia-smi Enabled")

    def test_what_moves_may_differ_by_as_much_as_it_moves_between_two_looks(self):
        for was, near, far, name, mine, theirs in (
                ("<gpu_temp>55 C", "<gpu_temp>57 C", "<gpu_temp>58 C", "temp", "54 C ... 55 C", "58 C"),
                ("1980 MHz", "1950 MHz", "1935 MHz", "clock.sm", "1980 MHz", "1935 MHz"),
                ("<average_power_draw>650.00 W", "<average_power_draw>690.00 W", "<average_power_draw>300.00 W", "power", "640 W ... 655 W", "300 W")):
            self.assertEqual(self.lines(xml(GPU.replace(was, near))), [])
            self.one_line(was, far, f"{BDF} {name}: rackproof has {mine}, nvidia-smi {theirs}")
        self.assertEqual(self.lines(xml(GPU), ours({BDF: our_gpu(temp=[40.0, 70.0])})), [])  # it was in between

    def test_a_number_and_no_number_disagree_either_way(self):
        self.one_line("<memory_temp>60 C", "<memory_temp>N/A", f"{BDF} temp.memory: rackproof has 60 C, nvidia-smi N/A")
        self.one_line("<fan_speed>N/A", "<fan_speed>30 %", f"{BDF} fan0: rackproof has N/A, nvidia-smi 30 %")
        self.one_line("<gpu_temp>55 C", "<gpu_temp>[Unknown Error]", f"{BDF} temp: rackproof has 54 C ... 55 C, nvidia-smi '[Unknown Error]'")
        self.one_line("<gpu_temp>55 C", "<gpu_temp>", f"{BDF} temp: rackproof has 54 C ... 55 C, nvidia-smi 'nothing'")
        self.one_line("<gpu_temp>55 C", "<gpu_temp>55", f"{BDF} temp: rackproof has 54 C ... 55 C, nvidia-smi '55'")  # of no unit
        self.one_line("<gpu_temp>55 C", "<gpu_temp>nan C", f"{BDF} temp: rackproof has 54 C ... 55 C, nvidia-smi 'nan C'")
        lost = ours({BDF: our_gpu(temp=[Failed("error")])})
        self.assertEqual(self.lines(xml(GPU), lost), [f"{BDF} temp: rackproof has 'error', nvidia-smi 55 C"])
        unread = our_gpu()
        del unread["sensors"]["clock.sm"]
        self.assertEqual(self.lines(xml(GPU), ours({BDF: unread})), [f"{BDF} clock.sm: rackproof has nothing, nvidia-smi 1980 MHz"])

    def test_two_that_both_have_no_number_agree_and_count_for_nothing(self):
        both = ours({BDF: our_gpu(temp=[Failed("error")])})
        result = compare(xml(GPU.replace("<gpu_temp>55 C", "<gpu_temp>[Unknown Error]")), both)
        self.assertEqual((result.lines, result.compared), ([], 34))

    def test_tags_that_every_driver_has_may_not_be_missing(self):
        self.one_line("<gpu_temp>55 C</gpu_temp>", "", f"{BDF} temp: nvidia-smi has no such tag")
        self.one_line("<serial>1654321000001</serial>", "", f"{BDF} serial: rackproof has 1654321000001, nvidia-smi has no such tag")
        self.assertEqual(self.lines(xml(GPU.replace("<instant_power_draw>650.00 W</instant_power_draw>", ""))), [])  # before 550

    def test_every_gpu_is_compared_with_itself(self):
        second, bdf = GPU.replace("1B:00", "43:00").replace("<gpu_temp>55 C", "<gpu_temp>90 C"), "0000:43:00.0"
        result = compare(xml(GPU, second), ours({BDF: our_gpu(), bdf: our_gpu()}))
        self.assertEqual((result.gpus, result.lines), (2, [f"{bdf} temp: rackproof has 54 C ... 55 C, nvidia-smi 90 C"]))
        self.assertEqual(self.lines(xml(GPU, second)), [f"{bdf}: only nvidia-smi has this GPU"])
        self.assertEqual(self.lines(xml(GPU), ours({BDF: our_gpu(), bdf: our_gpu()})), [f"{bdf}: only rackproof has this GPU"])

    def test_nothing_compared_is_no_agreement(self):
        nothing = "nothing was compared: no GPU that both sides have"
        self.assertEqual(self.lines(xml(head=""), {"gpus": {}}), [nothing])
        self.assertIn(nothing, self.lines(xml(head=HEAD)))
        empty = {"gpus": {BDF: {"uuid": "", "serial": "", "name": "", "modes": {}, "sensors": {}}}}
        self.assertIn(f"{BDF}: nothing could be compared", self.lines(xml(GPU), empty))

    def test_what_is_no_log_of_nvidia_smi_is_refused(self):
        for text, why in (("", "no XML"), ("NVIDIA-SMI has failed", "no XML"), (xml(GPU)[:900], "no XML"), ("<xml/>", "no log of nvidia-smi but <xml>")):
            with self.assertRaisesRegex(Unreadable, why):
                compare(text, ours())


class OfABundle(CommandLine):
    """The readings of a real run, whose drivers are fakes of a healthy H200."""

    def setUp(self):
        super().setUp()
        if not {"RACKPROOF_FAKE_CUDA_FOLDER", "RACKPROOF_FAKE_NVML_FILE"} <= os.environ.keys():
            self.skipTest("built without the fakes of NVIDIA's drivers")
        nvml, cuda = self.folder / "nvml.txt", self.folder / "cuda.txt"
        nvml.write_text(f"driver 580.65.06\ngpu {BDF}\nname NVIDIA H200\nserial 1654321000001\n")
        cuda.write_text("name NVIDIA H200\nmemory_mib 1024\nmultiprocessors 8\n")
        folders = (os.environ["RACKPROOF_FAKE_CUDA_FOLDER"], os.path.dirname(os.environ["RACKPROOF_FAKE_NVML_FILE"]))
        self.environment.update(RACKPROOF_FAKE_NVML=str(nvml), RACKPROOF_FAKE_CUDA=str(cuda), LD_LIBRARY_PATH=":".join(folders))
        self.rackproof("stress", "memory.triad", "--with", "array_bytes=8 MiB", "--on", "gpu", "--for", "4 s", "--backend", "cuda", "--out", "bundle")
        self.moment = time.time() - 3

    def test_is_compared_sensor_by_sensor(self):
        uuid = "GPU-00010203-0405-0607-0809-0a0b0c0d0e0f"
        text = xml(GPU.replace("GPU-00000000-0000-0000-0000-000000000000", uuid))
        mine = smi_agreement.readings_of(self.folder / "bundle", self.moment)
        self.assertEqual(compare(text, mine).lines, ["host driver: rackproof has N/A, nvidia-smi 580.65.06"])  # no kernel module here
        self.assertGreater(compare(text, mine).compared, 30)
        hot = compare(text.replace("<gpu_temp>55 C", "<gpu_temp>75 C"), mine).lines
        self.assertEqual(hot[1:], [f"{BDF} temp: rackproof has 55 C, nvidia-smi 75 C"])
        late = smi_agreement.readings_of(self.folder / "bundle", self.moment + 1000)
        self.assertIn(f"{BDF} temp: rackproof has nothing, nvidia-smi 55 C", compare(text, late).lines)


if __name__ == "__main__":
    unittest.main()
